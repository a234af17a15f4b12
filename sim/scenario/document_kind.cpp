#include "sim/scenario/document_kind.h"

namespace plimsoll::scenario {

namespace {

std::string_view named(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::scenario:
      return "a scenario";
    case DocumentKind::sweep:
      return "a sweep";
    case DocumentKind::curves:
      return "a file of measured curves";
    case DocumentKind::manifest:
      return "a Kubernetes manifest";
    case DocumentKind::task_definition:
      return "an ECS task definition";
    case DocumentKind::service:
      return "an ECS service";
    case DocumentKind::composition:
      return "a Compose file";
    case DocumentKind::result:
      return "the result of a run";
    case DocumentKind::unknown:
      break;
  }
  return "";
}

std::string use_of(DocumentKind kind, const std::string& path) {
  switch (kind) {
    case DocumentKind::scenario:
      return "plimsoll compare " + path;
    case DocumentKind::sweep:
      return "plimsoll sweep " + path;
    case DocumentKind::curves:
      return "plimsoll validate-curves " + path;
    case DocumentKind::result:
      return "plimsoll report, with its folder";
    default:
      return "name it under `files` of a scenario; plimsoll import " + path + " --to scenario writes one";
  }
}

}  // namespace

DocumentKind kind_of(const document::Node& root) {
  if (!root.is_mapping()) return DocumentKind::unknown;
  const auto has = [&](std::string_view key) { return root.find(key) != nullptr; };
  const document::Node* version = root.find("apiVersion");
  const bool ours = version != nullptr && version->is_scalar() && version->text().starts_with("plimsoll/");
  if (has("base") || has("vary")) return DocumentKind::sweep;
  if (has("curves")) return DocumentKind::curves;
  if (!ours && has("apiVersion") && has("kind")) return DocumentKind::manifest;
  if (!ours && has("containerDefinitions")) return DocumentKind::task_definition;
  if (!ours && has("serviceName")) return DocumentKind::service;
  if (!ours && has("format_version") && has("plimsoll_version")) return DocumentKind::result;
  if (!ours && has("services") && !has("apps")) return DocumentKind::composition;
  if (has("apps") || has("platforms") || has("load") || has("from")) return DocumentKind::scenario;
  return DocumentKind::unknown;
}

bool is_of_another_kind(const document::Node& root, DocumentKind wanted, const std::string& path,
                        document::Diagnostics& diagnostics) {
  const DocumentKind kind = kind_of(root);
  if (kind == wanted || kind == DocumentKind::unknown) return false;
  diagnostics.error(root, "this is " + std::string(named(kind)) + ", not " + std::string(named(wanted)),
                    use_of(kind, path));
  return true;
}

}  // namespace plimsoll::scenario
