#include "models/aws/availability.h"

#include <doctest/doctest.h>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("an offer exists from its day on, and not the day before") {
  struct Row {
    Offer offer;
    Date last, first;
  };
  for (const Row& r :
       {Row{Offer::ecs, {2015, 4, 8}, {2015, 4, 9}}, Row{Offer::fargate, {2017, 11, 28}, {2017, 11, 29}},
        Row{Offer::eks, {2018, 6, 4}, {2018, 6, 5}}, Row{Offer::karpenter, {2021, 11, 28}, {2021, 11, 29}},
        Row{Offer::eventbridge_scheduler, {2022, 11, 9}, {2022, 11, 10}}}) {
    CAPTURE(to_string(r.offer));
    document::Diagnostics d;
    document::Fields f(document::Node::null(), d);
    CHECK(require(f, "capacity", as_of(r.first), r.offer));
    CHECK(d.empty());
    CHECK_FALSE(require(f, "capacity", as_of(r.last), r.offer));
    CHECK(d.error_count() == 1);
    CHECK(d.text().find("did not exist on " + to_string(r.last)) != std::string::npos);
    CHECK(d.text().find("from " + to_string(r.first)) != std::string::npos);
  }
}
