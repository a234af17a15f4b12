#include "models/aws/data/pack.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

namespace plimsoll::aws::data {
namespace {

struct Field {
  std::string text;
  int column = 0;
};

/// RFC 4180 without line breaks inside fields.
std::vector<Field> split_row(std::string_view line) {
  std::vector<Field> out;
  std::size_t at = 0;
  while (true) {
    Field f;
    f.column = static_cast<int>(at) + 1;
    if (at < line.size() && line[at] == '"') {
      ++at;
      while (at < line.size()) {
        if (line[at] == '"' && at + 1 < line.size() && line[at + 1] == '"') {
          f.text += '"';
          at += 2;
        } else if (line[at] == '"') {
          ++at;
          break;
        } else {
          f.text += line[at++];
        }
      }
    } else {
      const std::size_t comma = std::min(line.find(',', at), line.size());
      f.text = std::string(line.substr(at, comma - at));
      at = comma;
    }
    out.push_back(std::move(f));
    if (at >= line.size()) return out;
    ++at;  // the comma
  }
}

bool read_file(const std::string& path, std::string& text) {
  std::FILE* f = std::fopen(path.c_str(), "rb");
  if (f == nullptr) return false;
  char buffer[65536];
  std::size_t n = 0;
  while ((n = std::fread(buffer, 1, sizeof buffer, f)) > 0) text.append(buffer, n);
  const bool good = std::ferror(f) == 0;
  std::fclose(f);
  return good;
}

/// One CSV file: rows by column name, problems with their place.
class Reader {
 public:
  Reader(std::string path, std::string_view text, std::vector<Problem>& problems)
      : path_(std::move(path)), problems_(problems) {
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ++number;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      if (line.empty()) continue;
      if (header_.empty()) {
        for (const Field& f : split_row(line)) header_.push_back(f.text);
      } else {
        lines_.push_back({number, split_row(line)});
        if (lines_.back().fields.size() != header_.size()) {
          report(number, 1,
                 "the row has " + std::to_string(lines_.back().fields.size()) + " fields, the header " +
                     std::to_string(header_.size()));
          lines_.pop_back();
        }
      }
    }
    if (header_.empty()) report(0, 0, "the file is empty");
  }

  std::size_t rows() const { return lines_.size(); }
  int line(std::size_t row) const { return lines_[row].number; }
  const std::string& path() const { return path_; }

  std::size_t column(std::string_view name) {
    const auto it = std::find(header_.begin(), header_.end(), name);
    if (it != header_.end()) return static_cast<std::size_t>(it - header_.begin());
    if (!header_.empty()) report(1, 0, "column \"" + std::string(name) + "\" is missing");
    return kMissing;
  }
  std::string text(std::size_t row, std::size_t column) const {
    return column == kMissing ? std::string() : lines_[row].fields[column].text;
  }
  std::string required(std::size_t row, std::size_t column) {
    std::string t = text(row, column);
    if (t.empty() && column != kMissing) report(line(row), place(row, column), header_[column] + " must not be empty");
    return t;
  }
  /// A decimal in units of 10^-digits that is not negative; an empty field is `absent`.
  std::int64_t number(std::size_t row, std::size_t column, int digits, std::int64_t absent, bool needed,
                      bool may_be_negative = false) {
    if (column == kMissing) return absent;
    const std::string& t = lines_[row].fields[column].text;
    if (t.empty() && !needed) return absent;
    std::int64_t value = 0;
    if (!parse_fixed(t, digits, value) || (value < 0 && !may_be_negative)) {
      report(line(row), place(row, column),
             header_[column] + " \"" + t + "\" is not a number" + (may_be_negative ? "" : " of at least 0"));
      return absent;
    }
    return value;
  }
  void report(int line, int column, std::string message) {
    problems_.push_back({path_, line, column, std::move(message)});
  }
  int place(std::size_t row, std::size_t column) const { return lines_[row].fields[column].column; }

 private:
  static constexpr std::size_t kMissing = static_cast<std::size_t>(-1);
  struct Line {
    int number;
    std::vector<Field> fields;
  };
  std::string path_;
  std::vector<Problem>& problems_;
  std::vector<std::string> header_;
  std::vector<Line> lines_;
};

std::int64_t read_confidence(Reader& in, std::size_t row, std::size_t column) {
  constexpr std::string_view kNames[] = {"verified", "medium", "low", "unverified"};
  const std::string t = in.text(row, column);
  for (std::size_t i = 0; i < 4; ++i) {
    if (t == kNames[i]) return static_cast<std::int64_t>(i);
  }
  in.report(in.line(row), 0, "confidence \"" + t + "\" is none of verified, medium, low, unverified");
  return 3;
}

void read_types(Reader& in, Tables& out) {
  constexpr std::string_view kTexts[kTypeTexts] = {"instance_type", "family",      "size",       "cpu_vendor",
                                                   "gpu_model",     "accel_model", "gpu_vendor", "hypervisor"};
  struct NumberColumn {
    std::string_view name;
    int digits;
    bool needed;
  };
  // In the order of TypeNumber. The third is arm64, read from "arch".
  constexpr NumberColumn kNumbers[kTypeNumbers] = {{"generation", 0, false},
                                                   {"current_generation", 0, false},
                                                   {"arch", 0, false},
                                                   {"vcpu", 0, true},
                                                   {"cores", 0, false},
                                                   {"memory_mib", 0, true},
                                                   {"flex", 0, false},
                                                   {"burstable", 0, false},
                                                   {"bare_metal", 0, false},
                                                   {"credits_per_hour", 3, false},
                                                   {"baseline_pct_per_vcpu", 3, false},
                                                   {"gpu_count", 0, false},
                                                   {"gpu_mem_mib_each", 0, false},
                                                   {"accel_count", 0, false},
                                                   {"net_baseline_gbps", 3, false},
                                                   {"net_peak_gbps", 3, false},
                                                   {"max_enis", 0, true},
                                                   {"total_enis", 0, true},
                                                   {"ipv4_per_eni", 0, true},
                                                   {"eks_max_pods", 0, true},
                                                   {"trunk_ok", 0, false},
                                                   {"branch_enis", 0, false},
                                                   {"ecs_awsvpc_tasks", 0, true},
                                                   {"ecs_awsvpc_tasks_trunk", 0, false},
                                                   {"local_nvme_gb", 0, false},
                                                   {"ebs_base_mbps", 0, false},
                                                   {"ebs_max_mbps", 0, false},
                                                   {"ebs_base_iops", 0, false},
                                                   {"ebs_max_iops", 0, false},
                                                   {"ebs_max_volumes", 0, false},
                                                   {"karpenter_alloc_cpu_m", 0, false},
                                                   {"karpenter_alloc_mem_mib", 0, false},
                                                   {"clock_ghz", 3, false}};
  std::array<std::size_t, kTypeTexts> texts{};
  std::array<std::size_t, kTypeNumbers> numbers{};
  for (std::size_t i = 0; i < kTypeTexts; ++i) texts[i] = in.column(kTexts[i]);
  for (std::size_t i = 0; i < kTypeNumbers; ++i) numbers[i] = in.column(kNumbers[i].name);
  out.types.clear();
  for (std::size_t row = 0; row < in.rows(); ++row) {
    TypeRow t;
    for (std::size_t i = 0; i < kTypeTexts; ++i) {
      t.texts[i] = i < 3 ? in.required(row, texts[i]) : in.text(row, texts[i]);
    }
    for (std::size_t i = 0; i < kTypeNumbers; ++i) {
      const auto which = static_cast<TypeNumber>(i);
      if (which == TypeNumber::arm64) {
        const std::string arch = in.text(row, numbers[i]);
        if (arch != "arm64" && arch != "x86_64") {
          in.report(in.line(row), 0, "arch \"" + arch + "\" is neither x86_64 nor arm64");
        }
        t.numbers[i] = arch == "arm64" ? 1 : 0;
      } else {
        const std::int64_t absent = which == TypeNumber::ecs_awsvpc_tasks_trunk ? kAbsent : 0;
        t.numbers[i] = in.number(row, numbers[i], kNumbers[i].digits, absent, kNumbers[i].needed);
      }
    }
    out.types.push_back(std::move(t));
  }
}

void read_on_demand(Reader& in, Tables& out) {
  const std::size_t region = in.column("region"), type = in.column("instance_type"), usd = in.column("usd_per_hour"),
                    src = in.column("src");
  out.on_demand.clear();
  for (std::size_t r = 0; r < in.rows(); ++r) {
    out.on_demand.push_back(
        {in.required(r, region), in.required(r, type), in.number(r, usd, 12, 0, true), in.text(r, src)});
  }
}

void read_spot(Reader& in, Tables& out) {
  const std::size_t region = in.column("region"), type = in.column("instance_type"), pct = in.column("savings_pct"),
                    band = in.column("interruption_band");
  out.spot.clear();
  for (std::size_t r = 0; r < in.rows(); ++r) {
    SpotRow row{in.required(r, region), in.required(r, type), in.number(r, pct, 0, 0, true, true),
                in.number(r, band, 0, 0, true)};
    if (row.savings_percent > 100 || row.savings_percent < -kSpotShift) {
      in.report(in.line(r), in.place(r, pct), "savings_pct is not within -1000 and 100");
    }
    if (row.band > 4) in.report(in.line(r), in.place(r, band), "interruption_band is above 4");
    out.spot.push_back(std::move(row));
  }
}

void read_reserved(Reader& in, Tables& out) {
  const std::size_t type = in.column("instance_type"), usd = in.column("effective_usd_per_hour");
  out.reserved.clear();
  for (std::size_t r = 0; r < in.rows(); ++r) {
    out.reserved.push_back({in.required(r, type), in.number(r, usd, 12, 0, true)});
  }
}

void read_services(Reader& in, Tables& out) {
  const std::size_t service = in.column("service"), item = in.column("item"), region = in.column("region"),
                    usd = in.column("usd"), unit = in.column("unit"), src = in.column("src"),
                    confidence = in.column("confidence"), note = in.column("note");
  out.service_prices.clear();
  for (std::size_t r = 0; r < in.rows(); ++r) {
    ServiceRow row;
    row.service = in.required(r, service);
    row.item = in.required(r, item);
    row.region = in.required(r, region);
    row.unit = in.required(r, unit);
    row.source = in.text(r, src);
    row.note = in.text(r, note);
    row.rate = in.number(r, usd, 12, 0, true);
    row.confidence = read_confidence(in, r, confidence);
    out.service_prices.push_back(std::move(row));
  }
}

void read_history(Reader& in, Tables& out) {
  const std::size_t zone = in.column("availability_zone"), when = in.column("effective_utc"),
                    usd = in.column("usd_per_hour");
  out.spot_history.clear();
  for (std::size_t r = 0; r < in.rows(); ++r) {
    StepRow row{in.required(r, zone), 0, in.number(r, usd, 12, 0, true)};
    if (!parse_instant(in.text(r, when), row.effective)) {
      in.report(in.line(r), in.place(r, when), "\"" + in.text(r, when) + "\" is not a time like 2021-01-08T21:51:23Z");
    }
    out.spot_history.push_back(std::move(row));
  }
}

void read_commitments(Reader& in, Tables& out) {
  const std::size_t product = in.column("product"), applies = in.column("applies_to"), region = in.column("region"),
                    years = in.column("term_years"), kind = in.column("class"), payment = in.column("payment"),
                    discount = in.column("discount_vs_on_demand"), src = in.column("src"),
                    confidence = in.column("confidence");
  out.commitments.clear();
  for (std::size_t r = 0; r < in.rows(); ++r) {
    CommitmentRow row;
    row.product = in.required(r, product);
    row.applies_to = in.text(r, applies);
    row.region = in.text(r, region);
    row.payment_class = in.text(r, kind);
    row.payment = in.text(r, payment);
    row.source = in.text(r, src);
    row.term_years = in.number(r, years, 0, 0, false);
    row.fraction_ppm = in.number(r, discount, 6, 0, true);
    row.confidence = read_confidence(in, r, confidence);
    out.commitments.push_back(std::move(row));
  }
}

/// Collects sections; each starts on a word.
class Writer {
 public:
  Writer() : words_(1 + 2 * kSections, 0) { words_[0] = kMagic; }
  std::uint64_t text(const std::string& t) {
    const auto [it, fresh] = index_.try_emplace(t, strings_.size());
    if (fresh) {
      strings_.push_back(static_cast<std::uint64_t>(bytes_.size()) << 32 | t.size());
      bytes_ += t;
    }
    return it->second;
  }
  template <class T>
  void section(Section s, const std::vector<T>& items) {
    bytes(s, items.data(), items.size() * sizeof(T), items.size());
  }
  std::vector<std::uint64_t> finish() {
    bytes(Section::text_bytes, bytes_.data(), bytes_.size(), bytes_.size());
    section(Section::strings, strings_);
    return std::move(words_);
  }

 private:
  void bytes(Section s, const void* data, std::size_t size, std::size_t count) {
    words_[1 + 2 * static_cast<std::size_t>(s)] = words_.size();
    words_[2 + 2 * static_cast<std::size_t>(s)] = count;
    const std::size_t start = words_.size();
    words_.resize(start + (size + 7) / 8, 0);
    if (size > 0) std::memcpy(words_.data() + start, data, size);
  }
  std::vector<std::uint64_t> words_;
  std::map<std::string, std::uint64_t, std::less<>> index_;
  std::vector<std::uint64_t> strings_;
  std::string bytes_;
};

}  // namespace

bool parse_fixed(std::string_view text, int digits, std::int64_t& value) {
  bool negative = false;
  if (!text.empty() && text[0] == '-') {
    negative = true;
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  __int128 v = 0;
  int after = -1;
  bool any = false;
  for (const char c : text) {
    if (c == '.') {
      if (after >= 0) return false;
      after = 0;
      continue;
    }
    if (c < '0' || c > '9') return false;
    any = true;
    if (after >= 0 && after == digits) {
      if (c != '0') return false;
      continue;
    }
    if (after >= 0) ++after;
    v = v * 10 + (c - '0');
    if (v > INT64_MAX) return false;
  }
  for (int i = std::max(after, 0); i < digits; ++i) v *= 10;
  if (!any || v > INT64_MAX) return false;
  value = static_cast<std::int64_t>(negative ? -v : v);
  return true;
}

bool parse_instant(std::string_view t, std::int64_t& seconds) {
  if (t.size() != 20 || t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':' || t[19] != 'Z') {
    return false;
  }
  std::int64_t f[6] = {};
  constexpr int kAt[6] = {0, 5, 8, 11, 14, 17};
  for (int i = 0; i < 6; ++i) {
    const char* b = t.data() + kAt[i];
    const char* e = b + (i == 0 ? 4 : 2);
    if (std::from_chars(b, e, f[i]).ptr != e || f[i] < 0) return false;
  }
  if (f[1] < 1 || f[1] > 12 || f[2] < 1 || f[2] > 31 || f[3] > 23 || f[4] > 59 || f[5] > 60) return false;
  // Days from the civil date, counting years from March (Gregorian rule; Hinnant, chrono-compatible date algorithms).
  const std::int64_t y = f[1] <= 2 ? f[0] - 1 : f[0];
  const std::int64_t era = y / 400, yoe = y - era * 400, doy = (153 * (f[1] + (f[1] > 2 ? -3 : 9)) + 2) / 5 + f[2] - 1;
  const std::int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
  seconds = days * 86400 + f[3] * 3600 + f[4] * 60 + f[5];
  return true;
}

std::size_t read_folder(const std::string& folder, Tables& tables, std::vector<Problem>& problems) {
  struct File {
    const char* name;
    void (*read)(Reader&, Tables&);
  };
  constexpr File kFiles[] = {
      {"ec2_instance_types.csv", read_types},        {"ec2_on_demand_linux.csv", read_on_demand},
      {"ec2_spot_advisor_linux.csv", read_spot},     {"ec2_ri_3yr_us-east-1.csv", read_reserved},
      {"service_prices.csv", read_services},         {"spot_price_history_m5.large_us-east-1_2021.csv", read_history},
      {"commitment_discounts.csv", read_commitments}};
  std::size_t found = 0;
  for (const File& file : kFiles) {
    const std::string path = folder + "/" + file.name;
    std::string text;
    if (!read_file(path, text)) continue;
    ++found;
    Reader in(path, text, problems);
    file.read(in, tables);
  }
  return found;
}

std::vector<std::uint64_t> pack(const Tables& tables, std::vector<Problem>& problems) {
  Writer out;
  const auto complain = [&](std::string message) { problems.push_back({"", 0, 0, std::move(message)}); };

  std::vector<const TypeRow*> types;
  for (const TypeRow& t : tables.types) types.push_back(&t);
  std::sort(types.begin(), types.end(), [](auto* a, auto* b) { return a->texts[0] < b->texts[0]; });
  std::map<std::string_view, std::size_t> type_at;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (!type_at.emplace(types[i]->texts[0], i).second) complain("instance type " + types[i]->texts[0] + " twice");
  }
  std::set<std::string_view> region_names;
  for (const PriceRow& p : tables.on_demand) region_names.insert(p.region);
  for (const SpotRow& p : tables.spot) region_names.insert(p.region);
  std::vector<std::uint64_t> regions;
  std::map<std::string_view, std::size_t> region_at;
  for (const std::string_view r : region_names) {
    region_at.emplace(r, regions.size());
    regions.push_back(out.text(std::string(r)));
  }
  out.section(Section::regions, regions);

  std::vector<std::uint64_t> type_texts;
  std::vector<std::int64_t> type_numbers;
  for (const TypeRow* t : types) {
    for (const std::string& s : t->texts) type_texts.push_back(out.text(s));
    type_numbers.insert(type_numbers.end(), t->numbers.begin(), t->numbers.end());
  }
  out.section(Section::type_texts, type_texts);
  out.section(Section::type_numbers, type_numbers);

  const std::size_t cells = regions.size() * types.size();
  std::vector<std::int64_t> on_demand(cells, kAbsent);
  std::vector<std::uint16_t> source(cells, 0);
  std::vector<std::int16_t> spot(cells, static_cast<std::int16_t>(kAbsent));
  const auto cell = [&](const std::string& region, const std::string& type) -> std::size_t {
    const auto it = type_at.find(type);
    if (it == type_at.end()) {
      complain("a price names the unknown instance type " + type);
      return cells;
    }
    return region_at.at(region) * types.size() + it->second;
  };
  for (const PriceRow& p : tables.on_demand) {
    const std::size_t c = cell(p.region, p.type);
    if (c == cells) continue;
    if (on_demand[c] != kAbsent) complain("two on-demand prices of " + p.type + " in " + p.region);
    on_demand[c] = p.rate;
    source[c] = static_cast<std::uint16_t>(out.text(p.source));
  }
  for (const SpotRow& p : tables.spot) {
    const std::size_t c = cell(p.region, p.type);
    if (c == cells) continue;
    if (spot[c] != kAbsent) complain("two Spot rows of " + p.type + " in " + p.region);
    spot[c] = static_cast<std::int16_t>((p.savings_percent + kSpotShift) * 8 + p.band);
  }
  out.section(Section::on_demand, on_demand);
  out.section(Section::on_demand_source, source);
  out.section(Section::spot, spot);

  std::vector<std::int64_t> reserved(types.size(), kAbsent);
  for (const ReservedRow& r : tables.reserved) {
    const auto it = type_at.find(r.type);
    if (it != type_at.end()) reserved[it->second] = r.rate;
  }
  out.section(Section::reserved, reserved);

  std::vector<const ServiceRow*> services;
  for (const ServiceRow& s : tables.service_prices) services.push_back(&s);
  const auto key = [](const ServiceRow* s) { return std::tie(s->service, s->item, s->region); };
  std::sort(services.begin(), services.end(), [&](auto* a, auto* b) { return key(a) < key(b); });
  std::vector<std::int64_t> words;
  const auto push_text = [&](const std::string& t) { words.push_back(static_cast<std::int64_t>(out.text(t))); };
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ServiceRow& s = *services[i];
    if (i > 0 && key(services[i - 1]) == key(services[i])) {
      complain("two prices of " + s.service + " " + s.item + " in " + s.region);
    }
    for (const std::string* t : {&s.service, &s.item, &s.region, &s.unit, &s.source, &s.note}) push_text(*t);
    words.push_back(s.rate);
    words.push_back(s.confidence);
  }
  out.section(Section::service_prices, words);

  std::vector<const StepRow*> steps;
  for (const StepRow& s : tables.spot_history) steps.push_back(&s);
  std::sort(steps.begin(), steps.end(),
            [](auto* a, auto* b) { return std::tie(a->zone, a->effective) < std::tie(b->zone, b->effective); });
  words.clear();
  for (const StepRow* s : steps) {
    push_text(s->zone);
    words.push_back(s->effective);
    words.push_back(s->rate);
  }
  out.section(Section::spot_history, words);

  words.clear();
  for (const CommitmentRow& c : tables.commitments) {
    for (const std::string* t : {&c.product, &c.applies_to, &c.region, &c.payment_class, &c.payment, &c.source}) {
      push_text(*t);
    }
    words.insert(words.end(), {c.term_years, c.fraction_ppm, c.confidence});
  }
  out.section(Section::commitments, words);
  return out.finish();
}

Tables unpack(std::span<const std::uint64_t> blob) {
  const auto words = [&](Section s) { return blob.data() + blob[1 + 2 * static_cast<std::size_t>(s)]; };
  const auto count = [&](Section s) { return static_cast<std::size_t>(blob[2 + 2 * static_cast<std::size_t>(s)]); };
  const char* bytes = reinterpret_cast<const char*>(words(Section::text_bytes));
  const auto text = [&](std::uint64_t number) {
    const std::uint64_t at = words(Section::strings)[number];
    return std::string(bytes + (at >> 32), at & 0xffffffffu);
  };
  Tables out;
  const std::size_t types = count(Section::type_numbers) / kTypeNumbers;
  const std::size_t regions = count(Section::regions);
  const auto* numbers = reinterpret_cast<const std::int64_t*>(words(Section::type_numbers));
  const auto* on_demand = reinterpret_cast<const std::int64_t*>(words(Section::on_demand));
  std::vector<std::uint16_t> source(types * regions);
  std::vector<std::int16_t> spot(types * regions);
  if (!spot.empty()) {
    std::memcpy(source.data(), words(Section::on_demand_source), source.size() * sizeof(std::uint16_t));
    std::memcpy(spot.data(), words(Section::spot), spot.size() * sizeof(std::int16_t));
  }
  const auto* reserved = reinterpret_cast<const std::int64_t*>(words(Section::reserved));
  for (std::size_t i = 0; i < types; ++i) {
    TypeRow t;
    for (std::size_t k = 0; k < kTypeTexts; ++k) t.texts[k] = text(words(Section::type_texts)[i * kTypeTexts + k]);
    for (std::size_t k = 0; k < kTypeNumbers; ++k) t.numbers[k] = numbers[i * kTypeNumbers + k];
    if (reserved[i] != kAbsent) out.reserved.push_back({t.texts[0], reserved[i]});
    out.types.push_back(std::move(t));
  }
  for (std::size_t r = 0; r < regions; ++r) {
    const std::string region = text(words(Section::regions)[r]);
    for (std::size_t i = 0; i < types; ++i) {
      const std::size_t c = r * types + i;
      if (on_demand[c] != kAbsent) {
        out.on_demand.push_back({region, out.types[i].texts[0], on_demand[c], text(source[c])});
      }
      if (spot[c] != kAbsent)
        out.spot.push_back({region, out.types[i].texts[0], spot[c] / 8 - kSpotShift, spot[c] % 8});
    }
  }
  const auto* row = reinterpret_cast<const std::int64_t*>(words(Section::service_prices));
  const auto number_text = [&](std::int64_t n) { return text(static_cast<std::uint64_t>(n)); };
  for (std::size_t i = 0; i < count(Section::service_prices) / 8; ++i, row += 8) {
    out.service_prices.push_back({number_text(row[0]), number_text(row[1]), number_text(row[2]), number_text(row[3]),
                                  number_text(row[4]), number_text(row[5]), row[6], row[7]});
  }
  row = reinterpret_cast<const std::int64_t*>(words(Section::spot_history));
  for (std::size_t i = 0; i < count(Section::spot_history) / 3; ++i, row += 3) {
    out.spot_history.push_back({number_text(row[0]), row[1], row[2]});
  }
  row = reinterpret_cast<const std::int64_t*>(words(Section::commitments));
  for (std::size_t i = 0; i < count(Section::commitments) / 9; ++i, row += 9) {
    out.commitments.push_back({number_text(row[0]), number_text(row[1]), number_text(row[2]), number_text(row[3]),
                               number_text(row[4]), number_text(row[5]), row[6], row[7], row[8]});
  }
  return out;
}

}  // namespace plimsoll::aws::data
