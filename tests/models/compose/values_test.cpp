#include "models/compose/values.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

using namespace plimsoll;
using namespace plimsoll::compose;

TEST_CASE("sizes are in powers of 1024, whatever the suffix") {
  struct Row {
    const char* text;
    std::int64_t bytes;
  };
  // SOURCE of the forms: Compose specification, "Specifying byte values".
  for (const Row& r : {Row{"2b", 2}, Row{"1024kb", 1'048'576}, Row{"2048k", 2'097'152}, Row{"300m", 314'572'800},
                       Row{"1gb", 1'073'741'824}, Row{"0.5G", 536'870'912}, Row{"64MiB", 67'108'864},
                       Row{"1048576", 1'048'576}, Row{"1.5 g", 1'610'612'736}}) {
    CAPTURE(r.text);
    REQUIRE(parse_size(r.text));
    CHECK(parse_size(r.text).value->raw() == r.bytes);
  }
  for (const char* bad : {"", "m", "-5m", "1x", "1mm", "1..5g", "ten"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_size(bad));
  }
}

TEST_CASE("CPUs are decimal numbers") {
  CHECK(*parse_cpus("0.5").value == cpu_millis(500));
  CHECK(*parse_cpus("2").value == cpu_cores(2));
  CHECK_FALSE(parse_cpus("-1"));
  CHECK_FALSE(parse_cpus("500m"));
}

TEST_CASE("a command is split as a shell would") {
  using Words = std::vector<std::string>;
  CHECK(*shell_words("bundle exec  thin -p 3000") == Words{"bundle", "exec", "thin", "-p", "3000"});
  CHECK(*shell_words("sh -c \"echo 'a b' \\\"c\\\"\"") == Words{"sh", "-c", "echo 'a b' \"c\""});
  CHECK(*shell_words("a\\ b ''") == Words{"a b", ""});
  CHECK_FALSE(shell_words("echo 'open"));
}

TEST_CASE("the short form of ports") {
  std::string fault;
  auto p = parse_port("3000", fault);
  REQUIRE(p.size() == 1);
  CHECK(p[0].target == 3000);
  CHECK(p[0].published == 0);  // Docker picks one
  p = parse_port("9090-9091:8080-8081", fault);
  REQUIRE(p.size() == 2);
  CHECK(p[1].target == 8081);
  CHECK(p[1].published == 9091);
  p = parse_port("127.0.0.1:8001:8001/udp", fault);
  REQUIRE(p.size() == 1);
  CHECK(p[0].local);
  CHECK(p[0].udp);
  p = parse_port("[::1]:5000-5001:5000-5001", fault);
  CHECK(p.size() == 2);
  CHECK(p.at(0).local);
  CHECK(fault.empty());
  struct Row {
    const char* text;
    const char* fault;
  };
  for (const Row& r :
       {Row{"8080:", "no port specified"}, Row{"a:80", "invalid hostPort"}, Row{"80:x", "invalid containerPort"},
        Row{"80:80/icmp", "invalid proto"}, Row{"1-2:1-3", "invalid ranges"}, Row{"70000", "invalid containerPort"}}) {
    CAPTURE(r.text);
    std::string said;
    CHECK(parse_port(r.text, said).empty());
    CHECK(said.find(r.fault) == 0);
  }
}

TEST_CASE("variables: defaults count, others are blank, required ones are errors") {
  document::Diagnostics d;
  std::vector<std::string> unset;
  const auto docs = document::load_text(
      "a: ${TAG:-1.2}\nb: pre-$NAME-post\nc: $$HOME\nd: ${A:-${B:-deep}}\ne: ${X:+said}y\nf: \"${N-7}\"\n", "f.yaml",
      d);
  const document::Node out = interpolate(docs.at(0), d, unset);
  CHECK(d.empty());
  CHECK(out.find("a")->kind() == document::Kind::number);  // a plain text reads as what it has become
  CHECK(out.find("b")->text() == "pre--post");
  CHECK(out.find("c")->text() == "$HOME");
  CHECK(out.find("d")->text() == "deep");
  CHECK(out.find("e")->text() == "y");
  CHECK(out.find("f")->is_string());
  CHECK(unset == std::vector<std::string>{"NAME"});
  const auto bad = document::load_text("a: ${DB:?set it}\nb: ${}\nc: a$ b\nd: ${open\n", "f.yaml", d);
  interpolate(bad.at(0), d, unset);
  CHECK(d.error_count() == 4);
  CHECK(d.text().find(
            "f.yaml:1:4: error: invalid interpolation format: required variable DB is missing a value: set it") !=
        std::string::npos);
}
