#include "models/aws/image_layers.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::aws {
namespace {

ImageLayers read(const std::string& text, document::Diagnostics& diagnostics) {
  Setting setting;
  for (const char* name : {"web", "api"}) {
    WorkloadSpec w;
    w.name = name;
    w.image = Bytes{200'000'000};
    setting.workloads.push_back(w);
  }
  const auto documents = document::load_text(text, "column.yaml", diagnostics);
  document::Fields f(documents.at(0), diagnostics, "");
  return read_image_layers(f, setting);
}

TEST_CASE("an image falls into its own part and its layers, of the same size together") {
  document::Diagnostics diagnostics;
  const ImageLayers layers = read("imageLayers: {web: {base: 50MB, jre: 90MB}, api: {base: 50MB}}", diagnostics);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  Names names;
  HostAgent agent;
  Workload web, api;
  web.images = {{names.intern("web:1"), Bytes{200'000'000}}};
  api.images = {{names.intern("api:1"), Bytes{200'000'000}}};
  split_image(layers, "web", web, names, agent);
  split_image(layers, "api", api, names, agent);
  REQUIRE(web.images.size() == 3);
  CHECK(web.images[0].second == Bytes{60'000'000});
  REQUIRE(api.images.size() == 2);
  CHECK(api.images[0].second == Bytes{150'000'000});
  CHECK(web.images[1] == api.images[1]);  // one layer of both
}

TEST_CASE("what cannot be is an error that says why") {
  struct Row {
    const char *text, *says;
  };
  const Row rows[] = {
      {"imageLayers: {wep: {base: 50MB}}", "did you mean 'web'?"},
      {"imageLayers: {web: {base: 150MB, jre: 90MB}}", "larger"},
      {"imageLayers: {web: {base: 50MB}, api: {base: 60MB}}", "two sizes"},
      {"imageLayers: {web: {base: 50}}", "base"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    document::Diagnostics diagnostics;
    read(row.text, diagnostics);
    CHECK(diagnostics.has_errors());
    CHECK(diagnostics.text().find(row.says) != std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::aws
