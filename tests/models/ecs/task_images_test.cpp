#include "models/ecs/task_images.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs {
namespace {

using ImageList = std::vector<std::pair<std::string, std::string>>;

api::TaskDefinition with_containers(const std::string& containers) {
  document::Diagnostics diagnostics;
  const auto d = api::read_task_definition(
      api::json("{'family':'w','memory':'1024','containerDefinitions':[" + containers + "]}"), diagnostics);
  INFO(diagnostics.text());
  REQUIRE(d);
  return *d;
}

TEST_CASE("the images beside the main container's, each once") {
  const std::string web = "{'name':'web','image':'web:1'}";
  const std::string log = "{'name':'log','image':'fluent-bit','firelensConfiguration':{'type':'fluentbit'}}";
  const std::string init = "{'name':'init','image':'web:1','essential':false}";
  const std::string otel = "{'name':'otel','image':'otel','essential':false}";
  const std::string again = "{'name':'again','image':'otel','essential':false}";
  CHECK(further_images(with_containers(web)).empty());
  CHECK(further_images(with_containers(web + "," + init)).empty());
  CHECK(further_images(with_containers(web + "," + otel + "," + again)) == ImageList{{"otel", "otel"}});
  // A log router is not the main container, wherever it stands.
  CHECK(further_images(with_containers(log + "," + web)) == ImageList{{"log", "fluent-bit"}});
  CHECK(main_container(with_containers(log + "," + web)).size.name == "web");
}

TEST_CASE("what the scenario says of a container's image counts, else the column's size for all") {
  Names names;
  Workload w;
  w.images = {{names.intern("web:1"), Bytes{200'000'000}}};
  TaskImages images;
  images.sidecar = Bytes{30'000'000};
  std::vector<ContainerUsage> said(2);
  said[0].name = "otel";
  said[0].image = Bytes{90'000'000};
  said[1].name = "log";  // its memory is said, not its image
  images.add({{"otel", "collector"}, {"log", "fluent-bit"}}, said, w, names);
  REQUIRE(w.images.size() == 3);
  CHECK(names.text(w.images[1].first) == "collector");
  CHECK(w.images[1].second == Bytes{90'000'000});
  CHECK(w.images[2].second == Bytes{30'000'000});
}

}  // namespace
}  // namespace plimsoll::ecs
