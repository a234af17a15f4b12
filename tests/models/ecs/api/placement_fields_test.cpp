#include "models/ecs/api/placement_fields.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

using namespace plimsoll;
using namespace plimsoll::ecs;
using namespace plimsoll::ecs::api;

TEST_CASE("strategies have a short form") {
  CHECK(to_string(*parse_strategy("random").value) == "random");
  CHECK(to_string(*parse_strategy(" binpack(memory) ").value) == "binpack(memory)");
  CHECK(to_string(*parse_strategy("spread(zone)").value) == "spread(attribute:ecs.availability-zone)");
  CHECK(to_string(*parse_strategy("spread( host )").value) == "spread(instanceId)");
  CHECK(to_string(*parse_strategy("spread(attribute:rack)").value) == "spread(attribute:rack)");
  for (const char* wrong : {"", "spread", "spread(zone", "spread(rack)", "binpack", "binpack(disk)", "random(cpu)",
                            "pack(cpu)", "spread(attribute:)"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_strategy(wrong));
  }
}

TEST_CASE("strategies become policies in order") {
  Names names;
  const auto chain = make_chain({*parse_strategy("spread(zone)").value, *parse_strategy("binpack(cpu)").value,
                                 *parse_strategy("spread(attribute:rack)").value, *parse_strategy("random").value},
                                names);
  REQUIRE(chain.size() == 4);
  CHECK(chain[0]->type() == "spread");
  CHECK(chain[1]->type() == "binpack");
  CHECK(chain[2]->type() == "spread");
  CHECK(chain[3]->type() == "random");
  CHECK_FALSE(names.find("rack").is_none());
}

TEST_CASE("strategies and constraints of the API are read") {
  document::Diagnostics d;
  Object o(json(R"({'placementStrategy': [{'type': 'spread', 'field': 'attribute:ecs.availability-zone'},
                                          {'type': 'binpack', 'field': 'MEMORY'}],
                    'placementConstraints': [{'type': 'distinctInstance'},
                                             {'type': 'memberOf', 'expression': 'attribute:stack == prod'}]})"),
           d, "");
  const auto strategies = read_strategies(o);
  REQUIRE(strategies.size() == 2);
  CHECK(strategies[1].field == "memory");
  const auto constraints = read_constraints(o, true);
  REQUIRE(constraints.size() == 2);
  CHECK(constraints[0].distinct_instance);
  CHECK(constraints[1].query->text() == "attribute:stack == prod");
  CHECK(d.empty());
}

TEST_CASE("wrong placement fields are errors with their rule") {
  document::Diagnostics d;
  Object o(json(R"({'placementStrategy': [{'type': 'binpak', 'field': 'cpu'}, {'type': 'binpack'}, {'field': 'cpu'},
                                          {'type': 'random'}, {'type': 'random'}, {'type': 'random'}],
                    'placementConstraints': [{'type': 'distinctInstance'}, {'type': 'memberOf'},
                                             {'type': 'memberOf', 'expression': 'attribute:stack = prod'}]})"),
           d, "");
  CHECK(read_strategies(o).size() == 3);
  CHECK(read_constraints(o, false).empty());
  CHECK(says(d, "'binpak' is none of random, binpack, spread"));
  CHECK(says(d, "binpack takes the field cpu or memory"));
  CHECK(says(d, "missing type"));
  CHECK(says(d, "at most 5 placement strategies"));
  CHECK(says(d, "memberOf constraints only"));
  CHECK(says(d, "missing expression"));
  CHECK(says(d, "unknown operator = (character 17 of the expression)"));
}

TEST_CASE("provider strategies are checked where they stand") {
  document::Diagnostics d;
  Object o(json(R"({'capacityProviderStrategy': [{'capacityProvider': 'A', 'weight': 0},
                                                 {'capacityProvider': 'B', 'weight': 0}]})"),
           d, "");
  CHECK(read_provider_strategy(o).size() == 2);
  CHECK(says(d, "test.json:1:30: error: all weights are zero"));
}

TEST_CASE("the network configuration tells whether tasks have public addresses") {
  document::Diagnostics d;
  Object o(json(R"({'networkConfiguration': {'awsvpcConfiguration': {'subnets': ['a', 'b'], 'securityGroups': ['sg'],
                                                                     'assignPublicIp': 'ENABLED'}}})"),
           d, "");
  const auto network = read_network(o);
  REQUIRE(network.has_value());
  CHECK(network->subnets.size() == 2);
  CHECK(network->public_ip);
  CHECK(d.empty());
}
