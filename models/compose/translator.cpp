#include "models/compose/translator.h"

#include "models/compose/documents.h"
#include "models/compose/ecs_params.h"

namespace plimsoll::compose {

namespace {

class Translator final : public ManifestTranslator {
 public:
  bool accepts(const document::Node& document) const override {
    return is_compose_file(document) || is_ecs_params(document);
  }

  std::vector<document::Node> translate(const document::Node& document, Side side, document::Diagnostics& diagnostics,
                                        std::vector<std::string>& lossy) const override {
    // Read with the Compose file beside it.
    if (is_ecs_params(document)) return {};
    const std::size_t errors = diagnostics.error_count();
    const std::optional<Project> project = read_project(document, diagnostics);
    if (!project) return {};
    Losses losses;
    common_losses(*project, losses);
    const std::vector<Task> tasks = plan_tasks(*project, diagnostics, losses);
    std::vector<document::Node> out =
        side == Side::ecs ? ecs_documents(*project, tasks, losses) : kubernetes_documents(*project, tasks, losses);
    if (side == Side::ecs) {
      if (const auto params = ecs_params_beside(document, diagnostics))
        apply_ecs_params(*params, out, diagnostics, losses);
    }
    if (diagnostics.error_count() != errors) return {};
    for (std::string& sentence : losses.sentences()) lossy.push_back(std::move(sentence));
    return out;
  }
};

}  // namespace

std::unique_ptr<ManifestTranslator> compose_translator() { return std::make_unique<Translator>(); }

void register_compose(Registry& registry) { registry.add_translator(compose_translator()); }

}  // namespace plimsoll::compose
