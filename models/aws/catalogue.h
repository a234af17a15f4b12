#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/units.h"

namespace plimsoll::aws {

/// How far a row of the price list can be trusted: two sources or a price-list extract; one good source; one weak
/// source or a named assumption; recalled without any source. `low` and `unverified` rows are listed in outputs that
/// used them.
enum class Confidence : std::uint8_t { verified, medium, low, unverified };
std::string_view to_string(Confidence c);
constexpr bool is_weak(Confidence c) { return c == Confidence::low || c == Confidence::unverified; }

enum class Architecture : std::uint8_t { x86_64, arm64 };
std::string_view to_string(Architecture a);

/// One EC2 instance type. Texts live as long as the catalogue. A figure that the source did not give is 0.
/// SOURCE: EC2 DescribeInstanceTypes, Karpenter and VPC CNI limit tables (models/aws/data/SOURCES.md).
struct InstanceType {
  std::uint32_t index = 0;  ///< position in Catalogue::types(), stable within one catalogue
  std::string_view name;    ///< "m5.large"
  std::string_view family;  ///< "m5"
  std::string_view size;    ///< "large"
  std::int32_t generation = 0;
  bool current_generation = false;
  Architecture arch = Architecture::x86_64;
  std::string_view cpu_vendor;  ///< "intel", "amd", "aws" or empty
  std::int64_t vcpu = 0;
  std::int64_t cores = 0;
  Bytes memory{};
  bool flex = false;
  bool burstable = false;
  bool bare_metal = false;
  std::int64_t credits_per_hour_milli = 0;  ///< CPU credits earned an hour, in thousandths; 0 unless burstable
  std::int64_t baseline_percent_milli = 0;  ///< baseline of one vCPU in thousandths of a percent
  std::int64_t gpu_count = 0;
  std::string_view gpu_model;
  Bytes gpu_memory_each{};
  std::int64_t accelerator_count = 0;  ///< Inferentia and Trainium chips
  std::string_view accelerator_model;
  std::int64_t net_baseline_mbps = 0;  ///< Mbit/s, sustained
  std::int64_t net_peak_mbps = 0;      ///< Mbit/s
  std::int64_t max_enis = 0;           ///< on the default network card
  std::int64_t total_enis = 0;         ///< over all cards
  std::int64_t ipv4_per_eni = 0;
  std::int64_t eks_max_pods = 0;  ///< max_enis x (ipv4_per_eni - 1) + 2
  bool trunk_ok = false;
  std::int64_t branch_enis = 0;
  std::int64_t ecs_awsvpc_tasks = 0;                   ///< awsvpc tasks without ENI trunking
  std::optional<std::int64_t> ecs_awsvpc_tasks_trunk;  ///< with trunking; none when the type has no trunk
  std::int64_t local_nvme_gb = 0;                      ///< decimal GB
  std::int64_t ebs_base_mbps = 0;                      ///< Mbit/s
  std::int64_t ebs_max_mbps = 0;
  std::int64_t ebs_base_iops = 0;
  std::int64_t ebs_max_iops = 0;
  std::int64_t ebs_max_volumes = 0;
  std::int64_t karpenter_alloc_cpu_m = 0;    ///< mCPU that Karpenter 1.14 computes for AL2023; 0 unknown
  std::int64_t karpenter_alloc_mem_mib = 0;  ///< MiB; 0 unknown
  std::int64_t clock_mhz = 0;                ///< sustained, of one core
  std::string_view gpu_vendor;               ///< "nvidia", "amd" or empty
  std::string_view hypervisor;               ///< "nitro", "xen" or empty (bare metal)
};

/// Which types a question is about; an absent field asks nothing. `region` keeps the types with an on-demand price
/// there.
struct TypeFilter {
  std::optional<std::string> region;
  std::optional<std::string> family;
  std::optional<Architecture> arch;
  std::int64_t min_vcpu = 0;
  std::int64_t max_vcpu = INT64_MAX;
  Bytes min_memory{0};
  Bytes max_memory{INT64_MAX};
  bool current_generation_only = false;
  bool allow_bare_metal = true;
  bool allow_gpu = true;
};

/// A row of the list of service prices. `region` is "*" for a row that holds everywhere.
struct ServicePrice {
  std::string_view service;
  std::string_view item;
  std::string_view region;
  Rate rate{};              ///< pico-dollars per unit; for the fraction rows, 1e-12ths
  std::string_view unit;    ///< "vCPU-hour", "GB-month", ...
  std::string_view source;  ///< code of models/aws/data/SOURCES.md
  Confidence confidence = Confidence::verified;
  std::string_view note;
};

/// Spot Advisor row: mean saving of the last month (negative where Spot was dearer), and the monthly frequency of
/// interruption (upper bounds 5, 11, 16, 22, 100 % for bands 0 to 4).
struct SpotAdvice {
  std::int32_t savings_percent = 0;
  std::int32_t interruption_band = 0;
};

/// A step of a recorded Spot price: `rate` holds from `effective` (seconds since 1970, UTC) to the zone's next step.
struct SpotPriceStep {
  std::string_view zone;
  std::int64_t effective = 0;
  Rate rate{};
};

/// A discount on the on-demand price for a commitment; `fraction` in millionths of the on-demand price.
struct CommitmentDiscount {
  std::string_view product;  ///< "reserved_instance", "compute_savings_plan", ...
  std::string_view applies_to;
  std::string_view region;
  std::int32_t term_years = 0;
  std::string_view payment_class;
  std::string_view payment;
  Ppm fraction{};
  std::string_view source;
  Confidence confidence = Confidence::verified;
};

/// What is wrong with a catalogue folder given by the user; line and column count from 1, 0 means the whole file.
struct CatalogueProblem {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
};

/// Instance types and prices. Read-only once it is shared, so threads share one. Lookups by index are O(1), by name
/// O(log n); nothing is parsed for the built-in tables, which are packed when the program is built.
class Catalogue {
 public:
  /// The tables that come with the program.
  static const Catalogue& built_in();
  /// Reads a folder with files of the same names and columns as models/aws/data; a file that is absent keeps the
  /// built-in table. All problems are appended to `problems`; the answer is null when there was any.
  static std::shared_ptr<const Catalogue> load(const std::string& folder, std::vector<CatalogueProblem>& problems);
  /// Reads a blob made by data/pack.h. @pre the blob is well formed and outlives the catalogue.
  explicit Catalogue(std::span<const std::uint64_t> blob);

  /// All types, sorted by name.
  std::span<const InstanceType> types() const { return types_; }
  /// Null when unknown.
  const InstanceType* find_type(std::string_view name) const;
  /// In order of (vCPU, memory, name).
  std::vector<const InstanceType*> types_matching(const TypeFilter& filter) const;

  /// Sorted.
  std::span<const std::string_view> regions() const { return regions_; }
  bool has_region(std::string_view region) const { return region_index(region).has_value(); }

  /// Linux, shared tenancy, per hour; none when the type is not sold in the region.
  std::optional<Rate> on_demand(std::string_view region, const InstanceType& type) const;
  std::optional<Rate> on_demand(std::string_view region, std::string_view type) const;
  /// The code of the source of an on-demand price (models/aws/data/SOURCES.md), empty when there is no price.
  std::string_view on_demand_source(std::string_view region, const InstanceType& type) const;
  /// on_demand x (1 - savings), held at on_demand, the default highest bid, where the saving is negative; none when
  /// either is unknown.
  std::optional<Rate> spot_price(std::string_view region, const InstanceType& type) const;
  std::optional<Rate> spot_price(std::string_view region, std::string_view type) const;
  std::optional<SpotAdvice> spot_advice(std::string_view region, const InstanceType& type) const;
  /// 0 to 4.
  std::optional<std::int32_t> interruption_band(std::string_view region, const InstanceType& type) const;
  /// 3-year standard reservation, effective per hour, us-east-1 only.
  std::optional<Rate> reserved_3yr(std::string_view type) const;

  /// All rows, sorted by (service, item, region).
  std::span<const ServicePrice> service_prices() const { return service_prices_; }
  /// The row of the region, else the row of every region, else null.
  const ServicePrice* service_price(std::string_view service, std::string_view item, std::string_view region) const;

  /// All recorded Spot steps, by zone then time (m5.large, us-east-1, 2021).
  std::span<const SpotPriceStep> spot_history() const { return spot_history_; }
  std::span<const CommitmentDiscount> commitment_discounts() const { return commitments_; }

  // Prices of the user's own, put in before the catalogue is shared; the list keeps its others. A type may be priced
  // where the list does not sell it. Spot prices of the list do not follow an on-demand price that is put in.
  /// Replaces or adds the row of (service, item, region). @pre its texts outlive the catalogue.
  void put(const ServicePrice& row);
  void put_on_demand(std::string_view region, const InstanceType& type, Rate rate);
  void put_spot(std::string_view region, const InstanceType& type, Rate rate);

  /// Up to three known names nearest to an unknown one (edit distance, then name), for messages.
  std::vector<std::string> nearest_types(std::string_view name) const;
  std::vector<std::string> nearest_regions(std::string_view name) const;

 private:
  std::optional<std::size_t> region_index(std::string_view region) const;
  std::optional<std::size_t> cell(std::string_view region, const InstanceType& type) const;

  struct OwnPrice {
    std::size_t cell = 0;
    std::optional<Rate> on_demand, spot;
  };
  OwnPrice& own_price(std::string_view region, const InstanceType& type);
  const OwnPrice* find_own_price(std::size_t cell) const;
  /// By the list alone.
  std::optional<Rate> list_price(std::size_t cell) const;

  std::shared_ptr<const std::vector<std::uint64_t>> owned_;  // keeps a loaded blob alive
  std::vector<InstanceType> types_;
  std::vector<std::string_view> regions_;
  std::vector<ServicePrice> service_prices_;
  std::vector<SpotPriceStep> spot_history_;
  std::vector<CommitmentDiscount> commitments_;
  std::span<const std::int64_t> on_demand_;      // regions x types, -1 absent
  std::vector<std::uint16_t> on_demand_source_;  // string numbers, regions x types
  std::vector<std::int16_t> spot_;               // see data/pack.h, -1 absent
  std::span<const std::int64_t> reserved_;       // types, -1 absent
  std::vector<std::string_view> strings_;
  std::vector<OwnPrice> own_;
};

}  // namespace plimsoll::aws
