#include "models/kubernetes/api/service_accounts.h"

#include <doctest/doctest.h>

#include <string>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

std::string account(const std::string& name, const std::string& space = "default") {
  return "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: " + name + ", namespace: " + space + "}\n";
}

std::string pod_as(const std::string& account, const std::string& field = "serviceAccountName") {
  return "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {" +
         (account.empty() ? "" : field + ": " + account + ", ") + "containers: [{name: c, image: 'i:1'}]}\n";
}

TEST_CASE("a pod whose service account is not there is told, where the files have accounts at all") {
  struct Row {
    std::string files, says;
  };
  const std::string none = "serviceaccount \"web\" not found";
  const Row rows[] = {
      {pod_as("web"), ""},  // no file has accounts: they are made elsewhere
      {account("other") + pod_as("web"), none},
      {account("other") + pod_as("web", "serviceAccount"), none},
      {account("web") + pod_as("web"), ""},
      {account("other") + pod_as("default"), ""},
      {account("other") + pod_as(""), ""},
      {account("web", "shop") + pod_as("web"), "hint: the namespace 'shop' has one of this name"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.files);
    document::Diagnostics d;
    std::vector<ManifestFacts> facts;
    kubernetes_manifest_reader()->read_all(document::load_text(row.files, "p.yaml", d), d, facts);
    CHECK_FALSE(d.has_errors());
    CAPTURE(d.text());
    CHECK(d.empty() == row.says.empty());
    CHECK(d.text().find(row.says) != std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
