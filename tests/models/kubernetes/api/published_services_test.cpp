#include "models/kubernetes/api/published_services.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes::api {
namespace {

TEST_CASE("pods that are not ready are published when every Service that callers come through says so") {
  const auto service = [](bool published, bool headless = false) {
    Service s;
    s.publish_not_ready = published;
    s.headless = headless;
    return s;
  };
  struct Row {
    std::vector<Service> services;
    bool published;
  };
  const Row rows[] = {
      {{}, false},
      {{service(false)}, false},
      {{service(true)}, true},
      {{service(true), service(false)}, false},
      {{service(true, true)}, true},                   // headless, and no other
      {{service(true, true), service(false)}, false},  // callers come through the other
      {{service(false, true), service(true)}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    CHECK(publishes_not_ready(row.services) == row.published);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
