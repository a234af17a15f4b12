#include "models/aws/own_prices.h"

#include <doctest/doctest.h>

#include "models/aws/price_book.h"
#include "sim/document/loader.h"

namespace plimsoll::aws {
namespace {

using document::Diagnostics;
using document::Fields;

/// The setting of a scenario with `prices:` as written.
Setting own_setting(const char* prices, Diagnostics& diagnostics, const char* region = "us-east-1") {
  Setting s;
  s.region = region;
  s.as_of = "today";
  const auto documents = document::load_text(prices, "s.yaml", diagnostics);
  for (const document::Entry& e : documents.at(0).entries()) s.prices.push_back({e.key, e.value});
  return s;
}

TEST_CASE("a price of the user's own takes the place of the list's") {
  Diagnostics diagnostics;
  const Setting s = own_setting(
      "fargate/linux_x86_64_vcpu: $0.03/vCPU-hour\n"
      "ec2/m5.large/on-demand: $0.09/h\n"
      "ec2/m5.large/spot: $0.02/h\n"
      "cloudwatch/alarm_standard: 0.05 USD\n",  // without a unit: a price in dollars needs none
      diagnostics);
  Fields f(document::Node::null(), diagnostics, "platforms.x");
  const auto book = PriceBook::open(f, s);
  REQUIRE(book != nullptr);
  CHECK(diagnostics.text() == "");
  CHECK(book->service(f, "fargate", "linux_x86_64_vcpu") == Rate{30'000'000'000});
  CHECK(book->service(f, "fargate", "linux_x86_64_mem") == Rate{4'445'000'000});  // the list's
  CHECK(book->service(f, "cloudwatch", "alarm_standard") == Rate{50'000'000'000});
  const InstanceType& m5 = *book->catalogue().find_type("m5.large");
  CHECK(book->on_demand(f, "type", m5) == Rate{90'000'000'000});
  CHECK(book->spot(m5) == Rate{20'000'000'000});
  CHECK(book->on_demand(f, "type", *book->catalogue().find_type("m5.xlarge")) == Rate{192'000'000'000});
  CHECK(Catalogue::built_in().on_demand("us-east-1", "m5.large") == Rate{96'000'000'000});
}

TEST_CASE("a price that the region's list lacks is there once the user says it, and is not weak") {
  Diagnostics diagnostics;
  const Setting s = own_setting("fargate/windows_os_licence: $0.046/vCPU-hour\n", diagnostics, "eu-west-1");
  Fields f(document::Node::null(), diagnostics, "platforms.x");
  const auto book = PriceBook::open(f, s);
  REQUIRE(book != nullptr);
  CHECK(book->service(f, "fargate", "windows_os_licence") == Rate{46'000'000'000});
  CHECK(diagnostics.text() == "");
  CHECK(book->weak_rows().empty());
}

TEST_CASE("what is wrong with a price is said at the price, once for all columns") {
  Diagnostics diagnostics;
  const Setting s = own_setting(
      "elb/alb_lcuu: $0.008/LCU-hour\n"
      "elb/alb_lcu: $0.008/GB\n"
      "ec2/m5.larg/on-demand: $0.09/h\n"
      "ec2/m5.large/reserved: $0.09/h\n"
      "nat/gateway_hour: -$0.01/NAT-hour\n",
      diagnostics);
  for (const char* column : {"platforms.x", "platforms.y"}) {
    Fields f(document::Node::null(), diagnostics, column);
    PriceBook::open(f, s);
  }
  const std::string text = diagnostics.text();
  CAPTURE(text);
  CHECK(diagnostics.sorted().size() == 5);
  CHECK(text.find("s.yaml:1:15: error: no such price 'elb/alb_lcuu'") == 0);
  CHECK(text.find("did you mean 'elb/alb_lcu'?") != std::string::npos);
  CHECK(text.find("s.yaml:2:14: error: ") != std::string::npos);
  CHECK(text.find("LCU-hour") != std::string::npos);
  CHECK(text.find("s.yaml:3:24: error: unknown instance type 'm5.larg'") != std::string::npos);
  CHECK(text.find("write ec2/m5.large/on-demand or ec2/m5.large/spot") != std::string::npos);
  CHECK(text.find("s.yaml:5:19: error: ") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::aws
