#include "models/kubernetes/api/name_rules.h"

#include <doctest/doctest.h>

namespace plimsoll::kubernetes::api {
namespace {

TEST_CASE("an annotation's key is judged in small letters, and a required key is missed") {
  CHECK(annotation_key_fault("Example.COM/Owner").empty());
  CHECK_FALSE(annotation_key_fault("Example_COM/Owner").empty());
  CHECK_FALSE(label_key_fault("Example.COM/Owner").empty());
  CHECK(required_label_key_fault("") == "Required value");
  CHECK(required_label_key_fault("a/b").empty());
}

TEST_CASE("names and labels by the API server's rules") {
  const std::string a63(63, 'a'), a64(64, 'a');
  struct Case {
    std::string (*rule)(std::string_view);
    std::string text;
    bool taken;
  };
  const auto subdomain = [](std::string_view text) { return subdomain_name_fault(text); };
  const auto cron_job = [](std::string_view text) { return subdomain_name_fault(text, 52); };
  const Case cases[] = {
      {label_name_fault, "web", true},
      {label_name_fault, "9-web", true},
      {label_name_fault, "", false},
      {label_name_fault, "-web", false},
      {label_name_fault, "web-", false},
      {label_name_fault, "Web", false},
      {label_name_fault, "web.1", false},
      {label_name_fault, a63, true},
      {label_name_fault, a64, false},
      {subdomain, "web.example.com", true},
      {subdomain, "web..com", false},
      {subdomain, "web.-com", false},
      {subdomain, "web_1", false},
      {subdomain, std::string(253, 'a'), true},
      {subdomain, std::string(254, 'a'), false},
      {cron_job, std::string(52, 'a'), true},
      {cron_job, std::string(53, 'a'), false},
      {service_name_fault, "web", true},
      {service_name_fault, "9web", false},
      {port_name_fault, "http", true},
      {port_name_fault, "8080", false},
      {port_name_fault, "a--b", false},
      {port_name_fault, "a-name-of-16-chr", false},
      {label_key_fault, "app.kubernetes.io/name", true},
      {label_key_fault, "App_1", true},
      {label_key_fault, "App.io/name", false},
      {label_key_fault, "app/", false},
      {label_key_fault, "x/y/z", false},
      {label_key_fault, a64, false},
      {label_value_fault, "", true},
      {label_value_fault, "1.2.3-rc_1", true},
      {label_value_fault, "a b", false},
      {label_value_fault, "_a", false},
      {label_value_fault, a64, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(c.rule(c.text).empty() == c.taken);
  }
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
