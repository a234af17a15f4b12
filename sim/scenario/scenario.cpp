#include "sim/scenario/scenario.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "sim/core/text.h"
#include "sim/document/emit.h"
#include "sim/document/fields.h"
#include "sim/document/overrides.h"
#include "sim/results/differing_sizes.h"
#include "sim/scenario/apps.h"
#include "sim/scenario/daemon_sets.h"
#include "sim/scenario/document_kind.h"
#include "sim/scenario/events.h"
#include "sim/scenario/expectations.h"
#include "sim/scenario/faults_block.h"
#include "sim/scenario/inheritance.h"
#include "sim/scenario/input.h"
#include "sim/scenario/jobs_block.h"
#include "sim/scenario/load_block.h"
#include "sim/scenario/scale_block.h"
#include "sim/scenario/unholdable_workloads.h"

namespace plimsoll::scenario {

namespace {

using document::Diagnostics;
using document::Fields;
using document::Node;

constexpr std::string_view kRegion = "us-east-1";

std::vector<std::string_view> load_kinds(const Registry& registry) {
  std::vector<std::string_view> out;
  for (const auto& kind : registry.arrivals()) out.push_back(kind->key());
  return out;
}

/// `zones: 3` or `zones: [us-east-1a, us-east-1c]`.
std::vector<std::string> read_zones(Fields& f, const std::string& region) {
  constexpr std::int64_t kMost = 6;
  const auto numbered = [&region](std::int64_t n) {
    std::vector<std::string> out;
    for (std::int64_t i = 0; i < n; ++i) out.push_back(region + static_cast<char>('a' + i));
    return out;
  };
  const auto node = f.any("zones", "a number from 1 to 6, or a list of names", "availability zones, from the first on");
  if (!node) {
    f.record("zones", "3", "the usual spread");
    return numbered(3);
  }
  if (node->kind() == document::Kind::integer) {
    if (node->as_integer() >= 1 && node->as_integer() <= kMost) return numbered(node->as_integer());
    f.error("zones", "must be between 1 and 6, not " + node->text());
    return numbered(3);
  }
  std::vector<std::string> out;
  for (const Node& item : node->items()) {
    if (item.is_scalar() && !item.is_null() && !item.text().empty()) {
      if (std::find(out.begin(), out.end(), item.text()) != out.end())
        f.error("zones", "zone '" + item.text() + "' twice");
      if (!region.empty() && !item.text().starts_with(region)) {
        f.reader().diagnostics->error(item, "zone '" + item.text() + "' is not in region " + region,
                                      "its zones are " + region + "a, " + region + "b and so on", "zones");
      }
      out.push_back(item.text());
    }
  }
  if (out.empty() || out.size() != node->items().size() || out.size() > static_cast<std::size_t>(kMost)) {
    f.error("zones", "must be a number from 1 to 6 or a list of as many zone names", "write zones: 3");
    return numbered(3);
  }
  return out;
}

/// "today", YYYY-MM or YYYY-MM-DD.
bool is_date(std::string_view text) {
  if (text == "today") return true;
  if (text.size() != 7 && text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  const int month = (text[5] - '0') * 10 + (text[6] - '0');
  const int day = text.size() == 10 ? (text[8] - '0') * 10 + (text[9] - '0') : 1;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

Surroundings read_around(Fields& scenario, std::vector<std::string>& assumed) {
  Surroundings s;
  Fields f = scenario.child("around", "what stands around the cluster, the same on every column");
  s.load_balancers = f.integer("alb", 1, "one entry", "Application Load Balancers", {0, 100});
  s.network_load_balancers =
      f.integer("nlb", 0, "none", "Network Load Balancers; with alb: 0 they carry the entry", {0, 100});
  s.classic_load_balancers =
      f.integer("clb", 0, "none", "Classic Load Balancers; with alb: 0 and nlb: 0 they carry the entry", {0, 100});
  s.slow_start = f.duration("slowStart", Duration{}, "ELB target group default: off",
                            "a new target's share of the requests rises for so long", {Duration{}, seconds(900)});
  if (s.slow_start > Duration{} && s.slow_start < seconds(30))
    f.error("slowStart", "slow start must be 0 or between 30 s and 900 s");
  if (s.slow_start > Duration{} && s.load_balancers == 0)
    f.error("slowStart", "only an Application Load Balancer has a slow start");
  s.nat_gateways = f.integer("nat", 0, "none", "NAT gateways", {0, 100});
  const document::Range<Bytes> up_to_a_gib{Bytes{}, gibibytes(1)};
  s.reply =
      f.bytes("reply", Bytes{}, "not counted", "bytes to the client for each request of the entry app", up_to_a_gib);
  s.call = f.bytes("call", Bytes{}, "not counted", "bytes of one internal call, both ways", up_to_a_gib);
  s.logs =
      f.bytes("logs", Bytes{}, "not counted", "application log bytes for each request of the entry app", up_to_a_gib);
  constexpr std::array<std::string_view, 2> kImages = {"ecr-public", "ecr-endpoint"};
  s.images = kImages[f.one_of("images", kImages, 0, "AWS samples",
                              "where pulls come from: through NAT, or a private registry behind VPC endpoints")];
  constexpr std::array<std::string_view, 2> kCollected = {"basic", "detailed"};
  s.metrics = kCollected[f.one_of("metrics", kCollected, 0, "AWS default",
                                  "CloudWatch metrics of EC2 instances: every 5 min, or each minute and paid")];
  constexpr std::array<std::string_view, 1> kStores = {"excluded"};
  f.one_of("stores", kStores, 0, "managed, the same on every column, unpriced", "data stores");
  s.deregistration_delay = f.duration("deregistrationDelay", s.deregistration_delay, "ELB target group default",
                                      "a target drains for this long", {Duration{}, hours(1)});
  s.requests_per_connection = f.integer("requestsPerConnection", s.requests_per_connection, "assumed: keep-alive",
                                        "requests of the entry on one connection", {1, 1'000'000});
  s.connection_lifetime = f.duration("connectionLifetime", s.connection_lifetime, "ALB default idle timeout: 60 s",
                                     "from the opening of a connection to its end", {seconds(1), hours(24)});
  s.node_fee = f.rate("nodeFee", "h", Rate{}, "none", "agents and licences counted by host, for each EC2 node");
  for (const std::string_view key : {"reply", "call", "logs"}) {
    if (f.has(key)) assumed.push_back(f.path_of(key) + " = " + f.node().find(key)->text());
  }
  return s;
}

/// Keeps the columns asked for, in the order of the file. Names that match none are errors.
std::vector<document::Item> kept_columns(std::vector<document::Item> all, const std::vector<std::string>& wanted,
                                         Diagnostics& diagnostics) {
  if (wanted.empty()) return all;
  std::vector<std::string_view> names;
  for (const document::Item& c : all) names.push_back(c.name);
  for (const std::string& w : wanted) {
    if (names.empty() || std::find(names.begin(), names.end(), w) != names.end()) continue;
    const std::string near = nearest(w, names);
    std::string hint = "did you mean '" + near + "'?";
    if (w.find(',') != std::string::npos) {
      hint = "give --platform once for each column";
    } else if (near.empty()) {
      hint = names.size() == 1 ? "the only platform is " : "the platforms are ";
      for (std::size_t i = 0; i < names.size(); ++i) hint += (i > 0 ? ", " : "") + std::string(names[i]);
    }
    diagnostics.error(document::source_mark("--platform " + w), "no platform '" + w + "'", hint);
  }
  std::erase_if(
      all, [&](const document::Item& c) { return std::find(wanted.begin(), wanted.end(), c.name) == wanted.end(); });
  return all;
}

std::vector<Column> read_columns(Fields& scenario, const Registry& registry, const Setting& setting,
                                 const std::vector<std::string>& wanted) {
  std::vector<Column> out;
  const document::Reader& reader = scenario.reader();
  const std::vector<document::Item> all = scenario.required_map("platforms", "the columns of the comparison");
  const std::vector<std::string_view> types = registry.platform_names();
  if (scenario.describing()) {
    for (const document::Item& item : all) {
      for (const std::string_view type : types) {
        Fields f(item.node, reader, item.path);
        f.required_one_of("type", types, "the orchestrator");
        f.optional_text("from", "another platform, whose keys this one takes over");
        registry.platform(type)->parse(f, setting);
        f.allow_unknown();
      }
    }
    return out;
  }
  if (scenario.has("platforms") && all.empty()) scenario.error("platforms", "there must be at least one platform");
  for (const document::Item& item : all) {
    if (const std::string fault = name_fault(item.name); !fault.empty())
      reader.diagnostics->error(item.mark, fault, "name the platform", "platforms");
  }
  for (const document::Item& item : kept_columns(all, wanted, *reader.diagnostics)) {
    if (item.node.is_null()) continue;  // `name: null` leaves out a column that was inherited
    Fields f(item.node, reader, item.path);
    if (!f.node().is_mapping()) continue;
    const std::string type = f.required_text("type", "the orchestrator");
    const PlatformType* platform = registry.platform(type);
    if (platform == nullptr) {
      f.allow_unknown();
      if (type.empty()) {
        constexpr std::array<std::string_view, 1> kType = {"type"};
        for (const auto& entry : item.node.entries()) {
          if (entry.key == kType[0] || nearest(entry.key, kType).empty()) continue;
          reader.diagnostics->error(entry.key_mark, "unknown key '" + entry.key + "'", "did you mean 'type'?",
                                    document::join_path(item.path, entry.key));
        }
        continue;
      }
      const std::string near = nearest(type, types);
      std::string hint = "did you mean '" + near + "'?";
      if (near.empty()) {
        hint = "known:";
        for (const std::string_view t : types) hint += " " + std::string(t);
      }
      f.error("type", "unknown platform type '" + type + "'", hint);
      continue;
    }
    Column column;
    column.name = item.name;
    column.type = type;
    column.plan = platform->parse(f, setting);
    out.push_back(std::move(column));
  }
  return out;
}

/// Replica scalers are named in the apps, and come out of plugins.
void check_scalers(Fields& f, const Setting& setting) {
  std::vector<std::string_view> known;
  for (const CustomPolicyPtr& p : setting.custom) {
    if (p->kind() == CustomPolicy::Kind::replica_scaler) known.push_back(p->name());
  }
  for (const WorkloadSpec& w : setting.workloads) {
    if (w.scaler.empty() || find_custom(setting.custom, CustomPolicy::Kind::replica_scaler, w.scaler)) continue;
    const std::string near = nearest(w.scaler, known);
    f.error("apps", "no replica scaler '" + w.scaler + "' for " + w.name,
            !near.empty() ? "did you mean '" + near + "'?" : "give the library that has it with --plugin FILE");
  }
}

/// What a price list of the vendor does not have, or the user has for less; the columns' vendor reads the amounts.
void read_prices(Fields& f, Scenario& s) {
  std::string own;
  for (const document::Item& price :
       f.map("prices",
             "prices of your own in the place of the catalogue's, by the names of the catalogue: elb/alb_lcu: "
             "$0.008/LCU-hour, ec2/m5.large/on-demand: $0.09/h, ec2/m5.large/spot: $0.04/h")) {
    const auto text = document::read_value<std::string>(price.node, f.reader(), price.path, "for one unit of the item");
    if (!text || f.describing()) continue;
    s.setting.prices.push_back({price.name, price.node});
    own += (own.empty() ? "" : ", ") + price.name + " = " + *text;
  }
  if (!own.empty()) s.remarks.push_back("prices of your own replace the catalogue's: " + own);
}

void read_tree(Fields& f, const Registry& registry, const ReadOptions& options, Scenario& s) {
  constexpr std::array<std::string_view, 1> kVersions = {"plimsoll/v1"};
  f.required_one_of("apiVersion", kVersions, "of this format");
  s.name = f.text("name", s.name, "the file's name", "of the scenario");
  f.optional_text("description", "for readers");
  f.optional_text("from", "another scenario file, whose keys this one takes over");
  s.setting.region =
      f.text("region", std::string(kRegion), "the region with the most complete price list", "AWS region");
  s.setting.zones = read_zones(f, s.setting.region);
  s.setting.as_of = f.text("asOf", "today", "the newest price list",
                           "today, 2020-12 or 2020-12-31: prices, quotas and features of that date");
  if (!is_date(s.setting.as_of)) {
    f.error("asOf", "'" + s.setting.as_of + "' is not a date", "write today, 2020-12 or 2020-12-31");
    s.setting.as_of = "today";  // so that the columns do not say it again
  }
  s.setting.catalogue_dir = options.catalogue_dir;
  s.seed = static_cast<std::uint64_t>(f.integer("seed", 1, "any number", "of all random numbers", {0, std::nullopt}));
  s.replications =
      f.integer("replications", 10, "ten paired replications", "worlds that every column lives through", {1, 100'000});

  const std::vector<ManifestFacts> facts = read_manifests(f, registry);
  std::vector<ManifestFacts> of_apps = facts;
  const Node *job_entries = f.node().find("jobs"), *app_entries = f.node().find("apps");
  std::erase_if(of_apps, [&](const ManifestFacts& fact) {
    const bool is_task = fact.side == Side::ecs && job_entries != nullptr && job_entries->find(fact.name) != nullptr;
    const bool is_agent = is_daemon_set(fact) && (app_entries == nullptr || app_entries->find(fact.name) == nullptr);
    return fact.job || fact.admission || is_task || is_agent;
  });
  Apps apps = read_apps(f, of_apps);
  s.assumed = std::move(apps.assumed);
  Jobs jobs = read_jobs(f, facts, apps.names);
  s.assumed.insert(s.assumed.end(), jobs.assumed.begin(), jobs.assumed.end());
  s.setting.jobs = std::move(jobs.jobs);
  s.remarks = std::move(apps.remarks);
  read_prices(f, s);
  s.setting.workloads = std::move(apps.workloads);
  s.setting.daemon_sets = read_daemon_sets(facts, apps.names);
  s.setting.custom = registry.custom();
  for (const Registry::PluginFile& plugin : registry.plugins()) {
    s.remarks.push_back("policies of plugin " + plugin.name + " (hash " + plugin.hash + ") are loaded");
  }
  check_scalers(f, s.setting);
  s.setting.metrics = std::move(apps.metrics);
  for (const ManifestFacts& fact : facts) {
    if (fact.admission) s.setting.admission.push_back({fact.side, fact.file, *fact.admission});
    if (!fact.scaling) continue;
    // Several facts may come from one document.
    const bool seen = std::any_of(s.setting.scaling.begin(), s.setting.scaling.end(), [&](const ScalingDocument& d) {
      return d.side == fact.side && to_string(d.node.mark()) == to_string(fact.scaling->mark());
    });
    if (!seen) s.setting.scaling.push_back({fact.side, fact.file, *fact.scaling});
  }
  const std::int64_t calendar = read_calendar(f);
  s.setting.around = read_around(f, s.assumed);
  s.setting.faults = read_faults(f, s.setting.zones, s.assumed);
  std::string entry;
  s.load = read_load(f, registry, apps.names, entry);
  for (WorkloadSpec& w : s.setting.workloads) w.entry = w.name == entry;
  s.setting.calendar = calendar - s.load.warmup.count() / 1'000'000;
  s.expectations = read_expectations(f, entry, apps.names);
  std::vector<std::string> job_names;
  for (const JobSpec& job : s.setting.jobs) job_names.push_back(job.name);
  s.setting.events =
      read_events(f, apps.names, daemon_names(facts, apps.names), s.setting.zones, s.load.span, job_names);
  s.columns = read_columns(f, registry, s.setting, options.platforms);
  judge_unholdable(s.columns, *f.reader().diagnostics);
  const auto has = [&](std::string_view type) {
    return std::any_of(s.columns.begin(), s.columns.end(), [type](const Column& c) { return c.type == type; });
  };
  for (const auto& [side, remark] : apps.borrowed) {
    if (has(side == Side::ecs ? "ecs" : "eks")) s.remarks.push_back(remark);
  }
  s.sizes_matched = apps.differing.empty() || !has("ecs") || !has("eks");
  if (!s.sizes_matched) {
    s.remarks.emplace_back(results::kDifferingSizes);
    s.remarks.insert(s.remarks.end(), apps.differing.begin(), apps.differing.end());
  }
}

/// A value under `each` changes nothing where every app says the same key itself.
void warn_of_no_effect(const Node& root, const std::string& path, const std::string& said, Diagnostics& diagnostics) {
  constexpr std::string_view kEach = "each.";
  const Node* apps = root.find("apps");
  if (!path.starts_with(kEach) || apps == nullptr || !apps->is_mapping() || apps->size() == 0) return;
  std::vector<std::string> keys;
  for (std::size_t at = kEach.size(); at <= path.size();) {
    const std::size_t dot = std::min(path.find('.', at), path.size());
    keys.push_back(path.substr(at, dot - at));
    at = dot + 1;
  }
  for (const document::Entry& app : apps->entries()) {
    const Node* own = &app.value;
    for (std::size_t i = 0; i < keys.size() && own != nullptr; ++i) own = own->find(keys[i]);
    if (own == nullptr || own->is_null() || own->is_mapping()) return;
  }
  const std::string key = path.substr(kEach.size());
  diagnostics.warning(document::source_mark(said), path + " has no effect: every app has a " + key + " of its own",
                      "set apps." + apps->entries().front().key + "." + key + ", or take it out of the apps");
}

/// The tree as it ran: without `x-` keys at the top and without the columns that --platform left out.
std::string resolved_text(const Node& root, const std::vector<std::string>& wanted) {
  std::vector<document::Entry> entries;
  for (const document::Entry& e : root.entries()) {
    if (e.key.starts_with("x-")) continue;
    entries.push_back(e);
    if (e.key != "platforms" || wanted.empty()) continue;
    std::vector<document::Entry> kept;
    for (const document::Entry& c : e.value.entries()) {
      if (std::find(wanted.begin(), wanted.end(), c.key) != wanted.end()) kept.push_back(c);
    }
    entries.back().value = Node::mapping(std::move(kept), e.value.mark());
  }
  return document::to_yaml(Node::mapping(std::move(entries), root.mark()));
}

}  // namespace

std::optional<Scenario> read_scenario(const std::string& path, const Registry& registry, const ReadOptions& options,
                                      Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  Node root = load_tree(path, load_kinds(registry), diagnostics);
  if (!root.is_mapping()) {
    if (diagnostics.error_count() == errors) diagnostics.error(root, "a scenario must be a mapping, not null");
    return std::nullopt;
  }
  if (is_of_another_kind(root, DocumentKind::scenario, path, diagnostics)) return std::nullopt;
  root = resolve_columns(root, diagnostics);
  for (const std::string& set : options.sets) root = document::set_path(root, set, diagnostics);
  for (const auto& [at, value] : options.overrides) root = document::set_path(root, at, value, diagnostics);
  if (!options.sets.empty() || !options.overrides.empty()) root = resolve_columns(root, diagnostics);

  for (const std::string& set : options.sets)
    warn_of_no_effect(root, set.substr(0, set.find('=')), "--set " + set, diagnostics);
  for (const auto& [at, value] : options.overrides) warn_of_no_effect(root, at, "vary " + at, diagnostics);

  Scenario s;
  s.file = path;
  s.name = std::filesystem::path(path).stem().string();
  {
    Diagnostics found;
    {
      Fields f(root, {found, options.effective, nullptr});
      read_tree(f, registry, options, s);
    }
    // A column knows the name of a key that all share, not where it stands.
    for (document::Diagnostic d : found.sorted()) {
      const Node* at = d.file.empty() ? root.find(d.key_path) : nullptr;
      if (at != nullptr) {
        d.file = at->mark().path();
        d.line = at->mark().line;
        d.column = at->mark().column;
      }
      diagnostics.add(std::move(d));
    }
  }
  if (s.columns.empty() && options.platforms.empty() && diagnostics.error_count() == errors)
    diagnostics.error(*root.find("platforms"), "there must be at least one platform", {}, "platforms");
  if (diagnostics.error_count() != errors) return std::nullopt;
  s.resolved = resolved_text(root, options.platforms);
  return s;
}

std::string scenario_schema(const Registry& registry) {
  Diagnostics ignored;
  document::SchemaSink sink;
  Scenario s;
  {
    Fields f(Node::null(), {ignored, nullptr, &sink});
    read_tree(f, registry, {}, s);
  }
  return document::to_json(sink.json_schema("Plimsoll scenario"));
}

}  // namespace plimsoll::scenario
