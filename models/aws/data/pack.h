#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::aws::data {

/// The numeric columns of an instance type, in the order in which the packed record holds them.
enum class TypeNumber : std::uint8_t {
  generation,
  current_generation,
  arm64,
  vcpu,
  cores,
  memory_mib,
  flex,
  burstable,
  bare_metal,
  credits_per_hour_milli,
  baseline_percent_milli,
  gpu_count,
  gpu_memory_mib_each,
  accelerator_count,
  net_baseline_mbps,
  net_peak_mbps,
  max_enis,
  total_enis,
  ipv4_per_eni,
  eks_max_pods,
  trunk_ok,
  branch_enis,
  ecs_awsvpc_tasks,
  ecs_awsvpc_tasks_trunk,
  local_nvme_gb,
  ebs_base_mbps,
  ebs_max_mbps,
  ebs_base_iops,
  ebs_max_iops,
  ebs_max_volumes,
  karpenter_alloc_cpu_m,
  karpenter_alloc_mem_mib,
  clock_mhz,
  count
};
inline constexpr std::size_t kTypeNumbers = static_cast<std::size_t>(TypeNumber::count);
/// Name, family, size, CPU vendor, GPU model, accelerator model, GPU vendor, hypervisor.
inline constexpr std::size_t kTypeTexts = 8;
inline constexpr std::int64_t kAbsent = -1;
/// Added to a Spot saving before packing: some types are dearer than on-demand in a month.
inline constexpr std::int64_t kSpotShift = 1000;

struct TypeRow {
  std::array<std::string, kTypeTexts> texts;
  std::array<std::int64_t, kTypeNumbers> numbers{};
};
struct PriceRow {
  std::string region, type;
  std::int64_t rate = 0;  // pico-dollars an hour
  std::string source;
};
struct SpotRow {
  std::string region, type;
  std::int64_t savings_percent = 0, band = 0;
};
struct ReservedRow {
  std::string type;
  std::int64_t rate = 0;
};
struct ServiceRow {
  std::string service, item, region, unit, source, note;
  std::int64_t rate = 0;
  std::int64_t confidence = 0;
};
struct StepRow {
  std::string zone;
  std::int64_t effective = 0;  // seconds since 1970
  std::int64_t rate = 0;
};
struct CommitmentRow {
  std::string product, applies_to, region, payment_class, payment, source;
  std::int64_t term_years = 0, fraction_ppm = 0, confidence = 0;
};

/// The price list as rows, between the CSV files and the packed form.
struct Tables {
  std::vector<TypeRow> types;
  std::vector<PriceRow> on_demand;
  std::vector<SpotRow> spot;
  std::vector<ReservedRow> reserved;
  std::vector<ServiceRow> service_prices;
  std::vector<StepRow> spot_history;
  std::vector<CommitmentRow> commitments;
};

struct Problem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
};

/// Replaces in `tables` each table whose file stands in the folder. Returns how many files were read.
std::size_t read_folder(const std::string& folder, Tables& tables, std::vector<Problem>& problems);

/// Sections of the packed form. Word 0 is the magic, words 1 + 2 s and 2 + 2 s are the offset (words) and count of
/// section s. Texts are numbers in the string table.
enum class Section : std::uint8_t {
  text_bytes,        ///< bytes, count in bytes
  strings,           ///< u64 each: offset << 32 | length
  regions,           ///< u64 each: text
  type_texts,        ///< kTypeTexts u64 a type, types sorted by name
  type_numbers,      ///< kTypeNumbers i64 a type
  on_demand,         ///< i64, regions x types, kAbsent when not sold
  on_demand_source,  ///< u16 texts, regions x types
  spot,              ///< i16, regions x types: (savings + kSpotShift) x 8 + band, kAbsent when unknown
  reserved,          ///< i64 a type
  service_prices,    ///< 8 i64 a row: service, item, region, unit, source, note, rate, confidence
  spot_history,      ///< 3 i64 a row: zone, effective, rate
  commitments,       ///< 9 i64 a row
  count
};
inline constexpr std::size_t kSections = static_cast<std::size_t>(Section::count);
inline constexpr std::uint64_t kMagic = 0x31544143'4d494c50ull;  // "PLIMCAT1"

/// Rows that name an unknown type or appear twice are problems. The same tables give the same words.
std::vector<std::uint64_t> pack(const Tables& tables, std::vector<Problem>& problems);
/// The rows of a packed form. @pre well formed.
Tables unpack(std::span<const std::uint64_t> blob);

/// A decimal such as "0.0416" or "-1.5" in units of 10^-digits, exact; false when malformed, finer, or out of range.
bool parse_fixed(std::string_view text, int digits, std::int64_t& value);
/// "2021-01-08T21:51:23Z" as seconds since 1970.
bool parse_instant(std::string_view text, std::int64_t& seconds);

}  // namespace plimsoll::aws::data
