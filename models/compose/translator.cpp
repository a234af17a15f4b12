#include "models/compose/translator.h"

#include "models/compose/documents.h"

namespace plimsoll::compose {

namespace {

class Translator final : public ManifestTranslator {
 public:
  bool accepts(const document::Node& document) const override { return is_compose_file(document); }

  std::vector<document::Node> translate(const document::Node& document, Side side, document::Diagnostics& diagnostics,
                                        std::vector<std::string>& lossy) const override {
    const std::size_t errors = diagnostics.error_count();
    const std::optional<Project> project = read_project(document, diagnostics);
    if (!project) return {};
    Losses losses;
    common_losses(*project, losses);
    const std::vector<Task> tasks = plan_tasks(*project, diagnostics, losses);
    std::vector<document::Node> out =
        side == Side::ecs ? ecs_documents(*project, tasks, losses) : kubernetes_documents(*project, tasks, losses);
    if (diagnostics.error_count() != errors) return {};
    for (std::string& sentence : losses.sentences()) lossy.push_back(std::move(sentence));
    return out;
  }
};

}  // namespace

std::unique_ptr<ManifestTranslator> compose_translator() { return std::make_unique<Translator>(); }

void register_compose(Registry& registry) { registry.add_translator(compose_translator()); }

}  // namespace plimsoll::compose
