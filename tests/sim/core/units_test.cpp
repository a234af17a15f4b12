#include "sim/core/units.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "sim/core/random.h"

namespace plimsoll {

namespace {

template <class Parser>
auto raw(Parser parse, std::string_view text) -> std::int64_t {
  const auto parsed = parse(text);
  CAPTURE(text);
  CHECK_MESSAGE(parsed, parsed.error);
  if constexpr (requires { parsed.value->raw(); }) {
    return parsed ? parsed.value->raw() : -1;
  } else {
    return parsed ? parsed.value->count() : -1;
  }
}

template <class Parser>
void refused(Parser parse, std::string_view text, std::string_view why) {
  const auto parsed = parse(text);
  CAPTURE(text);
  CAPTURE(parsed.error);
  CHECK_FALSE(parsed);
  CHECK(parsed.error.find("\"" + std::string(text) + "\"") == 0);
  CHECK(parsed.error.find(why) != std::string::npos);
}

}  // namespace

TEST_CASE("CPU is read in all its spellings, exactly") {
  CHECK(raw(parse_cpu, "250m") == 250 * 1'024);
  CHECK(raw(parse_cpu, "0.25") == 256'000);
  CHECK(raw(parse_cpu, "0.25 vCPU") == 256'000);
  CHECK(raw(parse_cpu, ".25vcpu") == 256'000);
  CHECK(raw(parse_cpu, "2 cores") == 2'048'000);
  CHECK(raw(parse_cpu, "1 core") == 1'024'000);
  CHECK(raw(parse_cpu, "1024 units") == 1'024'000);
  CHECK(raw(parse_cpu, "1 unit") == 1'000);
  CHECK(raw(parse_cpu, " 2 ") == 2'048'000);
  CHECK(raw(parse_cpu, "0.9765625m") == 1'000);
  CHECK(raw(parse_cpu, "0") == 0);
  refused(parse_cpu, "0.0000001", "finer");
  refused(parse_cpu, "-1", "negative");
  refused(parse_cpu, "fast", "is not an amount of CPU");
  refused(parse_cpu, "", "is not an amount of CPU");
  refused(parse_cpu, "2 horses", "unknown unit \"horses\"");
  refused(parse_cpu, "99999999999999999999", "too large");
  refused(parse_cpu, "1.2.3", "unknown unit");
}

TEST_CASE("sizes are read with binary and decimal suffixes, exactly") {
  CHECK(raw(parse_bytes, "512Mi") == 512ll << 20);
  CHECK(raw(parse_bytes, "512MiB") == 512ll << 20);
  CHECK(raw(parse_bytes, "1.5Gi") == 3ll << 29);
  CHECK(raw(parse_bytes, "1.5 GiB") == 3ll << 29);
  CHECK(raw(parse_bytes, "512M") == 512'000'000);
  CHECK(raw(parse_bytes, "0.5 GB") == 500'000'000);
  CHECK(raw(parse_bytes, "300MB") == 300'000'000);
  CHECK(raw(parse_bytes, "1073741824") == 1'073'741'824);
  CHECK(raw(parse_bytes, "64Ki") == 65'536);
  CHECK(raw(parse_bytes, "1e3") == 1'000);
  CHECK(raw(parse_bytes, "128974848000m") == 128'974'848);
  CHECK(raw(parse_bytes, "7Ei") == 7ll << 60);
  CHECK(raw(parse_bytes, "1E") == 1'000'000'000'000'000'000);
  refused(parse_bytes, "0.1Ki", "finer than a byte");  // 102.4 bytes
  refused(parse_bytes, "8Ei", "too large");
  refused(parse_bytes, "0.3", "finer than a byte");
  refused(parse_bytes, "100m", "finer than a byte");
  refused(parse_bytes, "5 apples", "unknown unit \"apples\"");
  refused(parse_bytes, "Mi", "is not a size");
  refused(parse_bytes, "-5Mi", "negative");
  refused(parse_bytes, "1234567890123456789012345678901234567890", "too many digits");
}

TEST_CASE("durations are sums of numbers with units") {
  CHECK(raw(parse_duration, "90s") == 90'000'000);
  CHECK(raw(parse_duration, "1h30m") == 5'400'000'000);
  CHECK(raw(parse_duration, "1h 30m") == 5'400'000'000);
  CHECK(raw(parse_duration, "1.5h") == 5'400'000'000);
  CHECK(raw(parse_duration, "250ms") == 250'000);
  CHECK(raw(parse_duration, "15us") == 15);
  CHECK(raw(parse_duration, "15\u00b5s") == 15);
  CHECK(raw(parse_duration, "2d") == 172'800'000'000);
  CHECK(raw(parse_duration, "2 days") == 172'800'000'000);
  CHECK(raw(parse_duration, "10 minutes") == 600'000'000);
  CHECK(raw(parse_duration, "0") == 0);
  CHECK(raw(parse_duration, "0s") == 0);
  CHECK(raw(parse_duration, "1m0.5s") == 60'500'000);
  refused(parse_duration, "90", "has no unit");
  refused(parse_duration, "", "is not a duration");
  refused(parse_duration, "soon", "is not a duration");
  refused(parse_duration, "-5s", "negative");
  refused(parse_duration, "0.1us", "finer than a microsecond");
  refused(parse_duration, "5 parsecs", "unknown unit \"parsecs\"");
  refused(parse_duration, "9999999999h", "too large");
  refused(parse_duration, "300000y", "unknown unit");
  refused(parse_duration, "1h-5m", "negative");
}

TEST_CASE("prices are exact to a pico-dollar") {
  CHECK(raw(parse_rate, "$0.0416") == 41'600'000'000);
  CHECK(raw(parse_rate, "0.0416") == 41'600'000'000);
  CHECK(raw(parse_rate, "0.0416 USD") == 41'600'000'000);
  CHECK(raw(parse_rate, "$ 12") == 12'000'000'000'000);
  CHECK(raw(parse_rate, "0.000011244444") == 11'244'444);
  CHECK(raw(parse_rate, "0.000000000001") == 1);
  refused(parse_rate, "0.0000000000001", "finer than a pico-dollar");
  refused(parse_rate, "free", "is not a price");
  refused(parse_rate, "0.04 EUR", "unknown unit");
  refused(parse_rate, "-1", "negative");
}

TEST_CASE("ratios are percentages or fractions, exact to a millionth") {
  CHECK(raw(parse_ratio, "60%") == 600'000);
  CHECK(raw(parse_ratio, "0.5%") == 5'000);
  CHECK(raw(parse_ratio, "0.25") == 250'000);
  CHECK(raw(parse_ratio, "150 %") == 1'500'000);
  CHECK(raw(parse_ratio, "1") == 1'000'000);
  refused(parse_ratio, "0.0000001", "finer");
  refused(parse_ratio, "half", "is not a ratio");
}

TEST_CASE("quantities print in the form that people write") {
  CHECK(to_string(cpu_millis(250)) == "250m");
  CHECK(to_string(cpu_cores(2)) == "2");
  CHECK(to_string(cpu_ecs_units(1)) == "0.9765625m");
  CHECK(to_string(cpu_ecs_units(256)) == "250m");
  CHECK(to_string(Cpu{}) == "0");
  CHECK(to_string(-cpu_millis(1)) == "-1m");
  CHECK(to_string(mebibytes(512)) == "512Mi");
  CHECK(to_string(mebibytes(1'536)) == "1536Mi");
  CHECK(to_string(gibibytes(2)) == "2Gi");
  CHECK(to_string(Bytes{1'000}) == "1000");
  CHECK(to_string(Bytes{}) == "0");
  CHECK(to_string(dollars(12)) == "12.00");
  CHECK(to_string(Money{41'600'000}) == "0.0416");
  CHECK(to_string(Money{-1}) == "-0.000000001");
  CHECK(to_string(Money{500'000'000}) == "0.50");
  CHECK(to_string(Rate{41'600'000'000}) == "0.0416");
  CHECK(to_string(Rate{1}) == "0.000000000001");
  CHECK(to_string(percent(60)) == "60%");
  CHECK(to_string(Ppm{5'000}) == "0.5%");
  CHECK(to_string(Ppm{333'333}) == "33.3333%");
  CHECK(to_string(minutes(90)) == "1h30m");
  CHECK(to_string(milliseconds(250)) == "250ms");
  CHECK(to_string(Duration{}) == "0s");
  CHECK(to_string(hours(48)) == "48h");
  CHECK(to_string(milliseconds(61'500)) == "1m1.5s");
  CHECK(to_string(microseconds(15)) == "15us");
  CHECK(to_string(microseconds(1'500)) == "1.5ms");
  CHECK(to_string(-seconds(5)) == "-5s");
}

TEST_CASE("what is printed reads back to the same value") {
  const Stream stream(11, "units", Purpose::work);
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    const auto value = static_cast<std::int64_t>(stream.bits(i) >> (1 + stream.below(62, i, 1)));
    CHECK(raw(parse_cpu, to_string(Cpu{value})) == value);
    CHECK(raw(parse_bytes, to_string(Bytes{value})) == value);
    CHECK(raw(parse_rate, to_string(Rate{value})) == value);
    CHECK(raw(parse_ratio, to_string(Ppm{value})) == value);
    CHECK(raw(parse_duration, to_string(Duration{value})) == value);
  }
}

TEST_CASE("amounts round halves away from zero and do not overflow") {
  // 0.0416 $/h for 1800 s of 3600: 0.0208 $.
  CHECK(amount(Rate{41'600'000'000}, 1'800, 3'600) == Money{20'800'000});
  // 1 pico-dollar x 500 = 0.5 nano-dollars, rounded up; 499 down.
  CHECK(amount(Rate{1}, 500, 1) == Money{1});
  CHECK(amount(Rate{1}, 499, 1) == Money{0});
  CHECK(amount(Rate{-1}, 500, 1) == Money{-1});
  // 100 $/h for ten years in microseconds.
  CHECK(amount(Rate{100'000'000'000'000}, static_cast<__int128>(hours(87'600).count()), hours(1).count()) ==
        dollars(8'760'000));
}

TEST_CASE("division names its rounding") {
  CHECK(div_floor(7, 2) == 3);
  CHECK(div_floor(-7, 2) == -4);
  CHECK(div_ceil(7, 2) == 4);
  CHECK(div_ceil(-7, 2) == -3);
  CHECK(static_cast<int>(div_round(5, 2)) == 3);
  CHECK(static_cast<int>(div_round(-5, 2)) == -3);
  CHECK(static_cast<int>(div_round(4, 3)) == 1);
}

}  // namespace plimsoll
