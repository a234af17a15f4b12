#include "models/aws/catalogue.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "models/aws/data/built_in.h"
#include "models/aws/data/pack.h"
#include "sim/core/assert.h"

namespace plimsoll::aws {
namespace {

using data::Section;
using data::TypeNumber;

/// Damerau-Levenshtein distance with adjacent swaps; names are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string_view>& known) {
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  const std::size_t limit = std::max<std::size_t>(2, name.size() / 2);
  for (const std::string_view k : known) {
    const std::size_t d = edit_distance(name, k);
    if (d <= limit) ranked.emplace_back(d, k);
  }
  std::sort(ranked.begin(), ranked.end());
  if (ranked.size() > 3) ranked.resize(3);
  std::vector<std::string> out;
  for (const auto& [d, k] : ranked) out.emplace_back(k);
  return out;
}

}  // namespace

std::string_view to_string(Confidence c) {
  constexpr std::string_view kNames[] = {"verified", "medium", "low", "unverified"};
  return kNames[static_cast<std::size_t>(c)];
}

std::string_view to_string(Architecture a) { return a == Architecture::arm64 ? "arm64" : "x86_64"; }

Catalogue::Catalogue(std::span<const std::uint64_t> blob) {
  PLIMSOLL_ASSERT(!blob.empty() && blob[0] == data::kMagic);
  const auto words = [&](Section s) { return blob.data() + blob[1 + 2 * static_cast<std::size_t>(s)]; };
  const auto count = [&](Section s) { return static_cast<std::size_t>(blob[2 + 2 * static_cast<std::size_t>(s)]); };
  const auto longs = [&](Section s) { return reinterpret_cast<const std::int64_t*>(words(s)); };

  const char* bytes = reinterpret_cast<const char*>(words(Section::text_bytes));
  strings_.reserve(count(Section::strings));
  for (std::size_t i = 0; i < count(Section::strings); ++i) {
    const std::uint64_t at = words(Section::strings)[i];
    strings_.emplace_back(bytes + (at >> 32), at & 0xffffffffu);
  }
  const auto text = [&](auto number) { return strings_[static_cast<std::size_t>(number)]; };
  for (std::size_t i = 0; i < count(Section::regions); ++i) regions_.push_back(text(words(Section::regions)[i]));

  const std::size_t types = count(Section::type_numbers) / data::kTypeNumbers;
  types_.reserve(types);
  for (std::size_t i = 0; i < types; ++i) {
    const std::uint64_t* t = words(Section::type_texts) + i * data::kTypeTexts;
    const std::int64_t* row = longs(Section::type_numbers) + i * data::kTypeNumbers;
    const auto n = [&](TypeNumber which) { return row[static_cast<std::size_t>(which)]; };
    InstanceType x;
    x.index = static_cast<std::uint32_t>(i);
    x.name = text(t[0]);
    x.family = text(t[1]);
    x.size = text(t[2]);
    x.cpu_vendor = text(t[3]);
    x.gpu_model = text(t[4]);
    x.accelerator_model = text(t[5]);
    x.gpu_vendor = text(t[6]);
    x.hypervisor = text(t[7]);
    x.generation = static_cast<std::int32_t>(n(TypeNumber::generation));
    x.current_generation = n(TypeNumber::current_generation) != 0;
    x.arch = n(TypeNumber::arm64) != 0 ? Architecture::arm64 : Architecture::x86_64;
    x.vcpu = n(TypeNumber::vcpu);
    x.cores = n(TypeNumber::cores);
    x.memory = mebibytes(n(TypeNumber::memory_mib));
    x.flex = n(TypeNumber::flex) != 0;
    x.burstable = n(TypeNumber::burstable) != 0;
    x.bare_metal = n(TypeNumber::bare_metal) != 0;
    x.credits_per_hour_milli = n(TypeNumber::credits_per_hour_milli);
    x.baseline_percent_milli = n(TypeNumber::baseline_percent_milli);
    x.gpu_count = n(TypeNumber::gpu_count);
    x.gpu_memory_each = mebibytes(n(TypeNumber::gpu_memory_mib_each));
    x.accelerator_count = n(TypeNumber::accelerator_count);
    x.net_baseline_mbps = n(TypeNumber::net_baseline_mbps);
    x.net_peak_mbps = n(TypeNumber::net_peak_mbps);
    x.max_enis = n(TypeNumber::max_enis);
    x.total_enis = n(TypeNumber::total_enis);
    x.ipv4_per_eni = n(TypeNumber::ipv4_per_eni);
    x.eks_max_pods = n(TypeNumber::eks_max_pods);
    x.trunk_ok = n(TypeNumber::trunk_ok) != 0;
    x.branch_enis = n(TypeNumber::branch_enis);
    x.ecs_awsvpc_tasks = n(TypeNumber::ecs_awsvpc_tasks);
    if (n(TypeNumber::ecs_awsvpc_tasks_trunk) != data::kAbsent) {
      x.ecs_awsvpc_tasks_trunk = n(TypeNumber::ecs_awsvpc_tasks_trunk);
    }
    x.local_nvme_gb = n(TypeNumber::local_nvme_gb);
    x.ebs_base_mbps = n(TypeNumber::ebs_base_mbps);
    x.ebs_max_mbps = n(TypeNumber::ebs_max_mbps);
    x.ebs_base_iops = n(TypeNumber::ebs_base_iops);
    x.ebs_max_iops = n(TypeNumber::ebs_max_iops);
    x.ebs_max_volumes = n(TypeNumber::ebs_max_volumes);
    x.karpenter_alloc_cpu_m = n(TypeNumber::karpenter_alloc_cpu_m);
    x.karpenter_alloc_mem_mib = n(TypeNumber::karpenter_alloc_mem_mib);
    x.clock_mhz = n(TypeNumber::clock_mhz);
    types_.push_back(x);
  }

  const std::size_t cells = regions_.size() * types_.size();
  on_demand_ = {longs(Section::on_demand), cells};
  on_demand_source_.resize(cells);
  spot_.resize(cells);
  if (cells > 0) {
    std::memcpy(on_demand_source_.data(), words(Section::on_demand_source), cells * sizeof(std::uint16_t));
    std::memcpy(spot_.data(), words(Section::spot), cells * sizeof(std::int16_t));
  }
  reserved_ = {longs(Section::reserved), types_.size()};

  const std::int64_t* row = longs(Section::service_prices);
  for (std::size_t i = 0; i < count(Section::service_prices) / 8; ++i, row += 8) {
    service_prices_.push_back({text(row[0]), text(row[1]), text(row[2]), Rate{row[6]}, text(row[3]), text(row[4]),
                               static_cast<Confidence>(row[7]), text(row[5])});
  }
  row = longs(Section::spot_history);
  for (std::size_t i = 0; i < count(Section::spot_history) / 3; ++i, row += 3) {
    spot_history_.push_back({text(row[0]), row[1], Rate{row[2]}});
  }
  row = longs(Section::commitments);
  for (std::size_t i = 0; i < count(Section::commitments) / 9; ++i, row += 9) {
    commitments_.push_back({text(row[0]), text(row[1]), text(row[2]), static_cast<std::int32_t>(row[6]), text(row[3]),
                            text(row[4]), Ppm{row[7]}, text(row[5]), static_cast<Confidence>(row[8])});
  }
}

const Catalogue& Catalogue::built_in() {
  static const Catalogue catalogue{std::span<const std::uint64_t>(data::kBuiltInWords, data::kBuiltInCount)};
  return catalogue;
}

std::shared_ptr<const Catalogue> Catalogue::load(const std::string& folder, std::vector<CatalogueProblem>& problems) {
  std::vector<data::Problem> found;
  data::Tables tables = data::unpack({data::kBuiltInWords, data::kBuiltInCount});
  const std::size_t files = data::read_folder(folder, tables, found);
  std::error_code failed;
  const std::filesystem::file_status at = std::filesystem::status(folder, failed);
  if (!std::filesystem::exists(at)) {
    found.push_back({folder, 0, 0, "no such directory"});
  } else if (!std::filesystem::is_directory(at)) {
    found.push_back({folder, 0, 0, "it is not a directory"});
  } else if (files == 0)
    found.push_back({folder, 0, 0,
                     "no price table here: expected ec2_instance_types.csv, "
                     "ec2_on_demand_linux.csv, service_prices.csv or the like"});
  auto words = std::make_shared<std::vector<std::uint64_t>>();
  if (found.empty()) {
    *words = data::pack(tables, found);
    for (data::Problem& p : found) {
      if (p.file.empty()) p.file = folder;
    }
  }
  for (data::Problem& p : found) problems.push_back({p.file, p.line, p.column, p.message});
  if (!found.empty()) return nullptr;
  auto catalogue = std::make_shared<Catalogue>(std::span<const std::uint64_t>(*words));
  catalogue->owned_ = std::move(words);
  return catalogue;
}

const InstanceType* Catalogue::find_type(std::string_view name) const {
  const auto it = std::lower_bound(types_.begin(), types_.end(), name,
                                   [](const InstanceType& t, std::string_view n) { return t.name < n; });
  return it != types_.end() && it->name == name ? &*it : nullptr;
}

std::vector<const InstanceType*> Catalogue::types_matching(const TypeFilter& f) const {
  std::vector<const InstanceType*> out;
  for (const InstanceType& t : types_) {
    if (f.family && t.family != *f.family) continue;
    if (f.arch && t.arch != *f.arch) continue;
    if (t.vcpu < f.min_vcpu || t.vcpu > f.max_vcpu || t.memory < f.min_memory || t.memory > f.max_memory) continue;
    if (f.current_generation_only && !t.current_generation) continue;
    if (!f.allow_bare_metal && t.bare_metal) continue;
    if (!f.allow_gpu && (t.gpu_count > 0 || t.accelerator_count > 0)) continue;
    if (f.region && !on_demand(*f.region, t)) continue;
    out.push_back(&t);
  }
  std::sort(out.begin(), out.end(), [](const InstanceType* a, const InstanceType* b) {
    return std::tie(a->vcpu, a->memory, a->name) < std::tie(b->vcpu, b->memory, b->name);
  });
  return out;
}

std::optional<std::size_t> Catalogue::region_index(std::string_view region) const {
  const auto it = std::lower_bound(regions_.begin(), regions_.end(), region);
  if (it == regions_.end() || *it != region) return std::nullopt;
  return static_cast<std::size_t>(it - regions_.begin());
}

std::optional<std::size_t> Catalogue::cell(std::string_view region, const InstanceType& type) const {
  const auto r = region_index(region);
  if (!r) return std::nullopt;
  return *r * types_.size() + type.index;
}

std::optional<Rate> Catalogue::on_demand(std::string_view region, const InstanceType& type) const {
  const auto c = cell(region, type);
  if (!c) return std::nullopt;
  if (const OwnPrice* own = find_own_price(*c); own != nullptr && own->on_demand) return own->on_demand;
  return list_price(*c);
}

std::optional<Rate> Catalogue::on_demand(std::string_view region, std::string_view type) const {
  const InstanceType* t = find_type(type);
  return t == nullptr ? std::nullopt : on_demand(region, *t);
}

std::string_view Catalogue::on_demand_source(std::string_view region, const InstanceType& type) const {
  const auto c = cell(region, type);
  if (!c || on_demand_[*c] == data::kAbsent) return {};
  return strings_[on_demand_source_[*c]];
}

std::optional<SpotAdvice> Catalogue::spot_advice(std::string_view region, const InstanceType& type) const {
  const auto c = cell(region, type);
  if (!c || spot_[*c] == data::kAbsent) return std::nullopt;
  return SpotAdvice{spot_[*c] / 8 - static_cast<std::int32_t>(data::kSpotShift), spot_[*c] % 8};
}

std::optional<Rate> Catalogue::spot_price(std::string_view region, const InstanceType& type) const {
  const auto c = cell(region, type);
  if (!c) return std::nullopt;
  if (const OwnPrice* own = find_own_price(*c); own != nullptr && own->spot) return own->spot;
  const auto advice = spot_advice(region, type);
  const auto price = list_price(*c);
  if (!advice || !price) return std::nullopt;
  const std::int64_t paid_percent = std::min<std::int64_t>(100 - advice->savings_percent, 100);
  const __int128 pico = static_cast<__int128>(price->raw()) * paid_percent;
  return Rate{static_cast<std::int64_t>(div_round(pico, 100))};
}

std::optional<Rate> Catalogue::spot_price(std::string_view region, std::string_view type) const {
  const InstanceType* t = find_type(type);
  return t == nullptr ? std::nullopt : spot_price(region, *t);
}

std::optional<std::int32_t> Catalogue::interruption_band(std::string_view region, const InstanceType& type) const {
  const auto advice = spot_advice(region, type);
  if (!advice) return std::nullopt;
  return advice->interruption_band;
}

std::optional<Rate> Catalogue::reserved_3yr(std::string_view type) const {
  const InstanceType* t = find_type(type);
  if (t == nullptr || reserved_[t->index] == data::kAbsent) return std::nullopt;
  return Rate{reserved_[t->index]};
}

const ServicePrice* Catalogue::service_price(std::string_view service, std::string_view item,
                                             std::string_view region) const {
  for (const std::string_view where : {region, std::string_view("*")}) {
    const auto key = std::tie(service, item, where);
    const auto it = std::lower_bound(
        service_prices_.begin(), service_prices_.end(), key,
        [](const ServicePrice& p, const auto& k) { return std::tie(p.service, p.item, p.region) < k; });
    if (it != service_prices_.end() && std::tie(it->service, it->item, it->region) == key) return &*it;
  }
  return nullptr;
}

std::optional<Rate> Catalogue::list_price(std::size_t cell) const {
  if (on_demand_[cell] == data::kAbsent) return std::nullopt;
  return Rate{on_demand_[cell]};
}

const Catalogue::OwnPrice* Catalogue::find_own_price(std::size_t cell) const {
  const auto at = std::find_if(own_.begin(), own_.end(), [&](const OwnPrice& p) { return p.cell == cell; });
  return at == own_.end() ? nullptr : &*at;
}

Catalogue::OwnPrice& Catalogue::own_price(std::string_view region, const InstanceType& type) {
  const auto c = cell(region, type);
  PLIMSOLL_ASSERT(c);
  const auto at = std::find_if(own_.begin(), own_.end(), [&](const OwnPrice& p) { return p.cell == *c; });
  return at == own_.end() ? own_.emplace_back(OwnPrice{*c, {}, {}}) : *at;
}

void Catalogue::put_on_demand(std::string_view region, const InstanceType& type, Rate rate) {
  own_price(region, type).on_demand = rate;
}

void Catalogue::put_spot(std::string_view region, const InstanceType& type, Rate rate) {
  own_price(region, type).spot = rate;
}

void Catalogue::put(const ServicePrice& row) {
  const auto key = std::tie(row.service, row.item, row.region);
  const auto at =
      std::lower_bound(service_prices_.begin(), service_prices_.end(), key,
                       [](const ServicePrice& p, const auto& k) { return std::tie(p.service, p.item, p.region) < k; });
  if (at != service_prices_.end() && std::tie(at->service, at->item, at->region) == key) {
    *at = row;
  } else {
    service_prices_.insert(at, row);
  }
}

std::vector<std::string> Catalogue::nearest_types(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const InstanceType& t : types_) names.push_back(t.name);
  return nearest(name, names);
}

std::vector<std::string> Catalogue::nearest_regions(std::string_view name) const { return nearest(name, regions_); }

}  // namespace plimsoll::aws
