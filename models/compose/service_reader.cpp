#include "models/compose/service_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "sim/core/text.h"

namespace plimsoll::compose {

namespace {

using document::Fields;
using document::Node;

/// Keys of a service that change nothing that is simulated, or that neither side has a word for. SOURCE: the JSON
/// schema of the Compose specification.
constexpr std::array<std::string_view, 57> kLeftOut = {"annotations",
                                                       "attach",
                                                       "blkio_config",
                                                       "cap_add",
                                                       "cap_drop",
                                                       "cgroup",
                                                       "cgroup_parent",
                                                       "container_name",
                                                       "cpu_percent",
                                                       "cpu_period",
                                                       "cpu_quota",
                                                       "cpu_rt_period",
                                                       "cpu_shares",
                                                       "cpuset",
                                                       "cpu_count",
                                                       "cpu_rt_runtime",
                                                       "credential_spec",
                                                       "develop",
                                                       "devices",
                                                       "dns",
                                                       "dns_opt",
                                                       "dns_search",
                                                       "domainname",
                                                       "external_links",
                                                       "extra_hosts",
                                                       "group_add",
                                                       "hostname",
                                                       "device_cgroup_rules",
                                                       "init",
                                                       "ipc",
                                                       "isolation",
                                                       "label_file",
                                                       "labels",
                                                       "links",
                                                       "logging",
                                                       "mac_address",
                                                       "mem_swappiness",
                                                       "memswap_limit",
                                                       "models",
                                                       "oom_kill_disable",
                                                       "oom_score_adj",
                                                       "pid",
                                                       "pids_limit",
                                                       "post_start",
                                                       "pre_stop",
                                                       "privileged",
                                                       "provider",
                                                       "read_only",
                                                       "runtime",
                                                       "security_opt",
                                                       "shm_size",
                                                       "stop_signal",
                                                       "storage_opt",
                                                       "sysctls",
                                                       "tmpfs",
                                                       "ulimits",
                                                       "volumes_from"};
/// Keys that say how the file is used on a workstation.
constexpr std::array<std::string_view, 8> kWorkstation = {
    "pull_policy", "pull_refresh_after", "stdin_open", "tty", "use_api_socket", "userns_mode", "uts", "platform"};

class ServiceReader {
 public:
  ServiceReader(const document::Item& item, const document::Reader& reader) : f_(item.node, reader, item.path) {
    s_.name = item.name;
    s_.mark = item.mark;
    s_.node = item.node;
  }

  Service run() {
    image();
    s_.entrypoint = words("entrypoint");
    s_.command = words("command");
    environment();
    s_.working_directory = f_.optional_text("working_dir").value_or("");
    s_.user = f_.optional_text("user").value_or("");
    limits();
    deploy();
    ports();
    health();
    dependencies();
    restart();
    if (const auto grace = duration(f_, "stop_grace_period")) s_.stop_grace = *grace;
    network();
    volumes();
    s_.secrets = mark_used("secrets");
    s_.configs = mark_used("configs");
    s_.env_file = mark_used("env_file");
    f_.ignore("profiles");  // the file's reader looks at it
    for (const std::string_view key : kLeftOut) leave_out(f_, key, std::string(key));
    for (const std::string_view key : kWorkstation) f_.ignore(key);
    vendor(f_.node());
    return std::move(s_);
  }

 private:
  void leave_out(Fields& f, std::string_view key, std::string name) {
    const bool there = f.has(key);
    f.ignore(key);
    if (there && std::find(s_.left_out.begin(), s_.left_out.end(), name) == s_.left_out.end())
      s_.left_out.push_back(std::move(name));
  }

  void vendor(const Node& node) {
    for (const document::Entry& e : node.entries()) {
      if (e.key.starts_with("x-aws-")) s_.vendor.push_back(e.key);
    }
  }

  bool mark_used(std::string_view key) {
    const auto node = f_.any(key, "a list");
    return node && (node->size() > 0 || node->is_scalar());
  }

  void image() {
    s_.image = f_.optional_text("image").value_or("");
    const auto build = f_.any("build", "a path, or a mapping");
    s_.built = build.has_value() && s_.image.empty();
    if (s_.built) s_.image = s_.name;
    if (s_.image.empty() && (f_.node().is_mapping() || f_.node().is_null()))
      f_.reader().diagnostics->error(s_.mark,
                                     "service \"" + s_.name + "\" has neither an image nor a build context specified",
                                     "add image: NAME", f_.path());
  }

  std::vector<std::string> words(std::string_view key) {
    const auto node = f_.any(key, "a text or a list of texts");
    std::vector<std::string> out;
    if (!node) return out;
    if (node->is_sequence()) {
      for (const Node& item : node->items()) {
        if (!item.is_scalar()) {
          f_.reader().diagnostics->error(item, "must be a text", {}, f_.path_of(key));
          return {};
        }
        out.push_back(item.text());
      }
      return out;
    }
    auto split = node->is_scalar() ? shell_words(node->text()) : std::nullopt;
    if (!split) f_.error(key, node->is_scalar() ? "a quote is not closed" : "must be a text or a list of texts");
    return split.value_or(out);
  }

  void environment() {
    const auto node = f_.any("environment", "a mapping, or a list of NAME=VALUE");
    if (!node) return;
    const auto bad = [&](const Node& at, const std::string& what) {
      f_.reader().diagnostics->error(at, what, "NAME: value, or a list of NAME=value", f_.path_of("environment"));
    };
    for (const document::Entry& e : node->entries()) {
      if (!e.value.is_scalar()) bad(e.value, "the value of " + e.key + " must be a text, a number or null");
      if (e.value.is_scalar() && !e.value.is_null()) s_.environment.emplace_back(e.key, e.value.text());
    }
    for (const Node& item : node->items()) {
      if (!item.is_scalar() || item.text().empty()) {
        bad(item, "must be NAME=VALUE");
        continue;
      }
      const std::size_t equals = item.text().find('=');
      if (equals != std::string::npos)
        s_.environment.emplace_back(item.text().substr(0, equals), item.text().substr(equals + 1));
    }
    if (node->is_scalar()) bad(*node, "environment must be a mapping or a list");
  }

  template <class T>
  std::optional<T> value(Fields& f, std::string_view key, Parsed<T> (*parse)(std::string_view)) {
    const auto text = f.optional_text(key);
    if (!text) return std::nullopt;
    Parsed<T> out = parse(*text);
    if (!out) f.error(key, out.error);
    return out.value;
  }

  std::optional<Duration> duration(Fields& f, std::string_view key) {
    const auto text = f.optional_text(key);
    if (!text) return std::nullopt;
    const Parsed<Duration> out = parse_duration(*text);
    if (out && *out.value >= Duration{}) return out.value;
    f.error(key, "'" + *text + "' is no duration", "a number with its unit, such as 10s or 1m30s");
    return std::nullopt;
  }

  /// Numbers may stand as texts, for variables' sake.
  std::optional<std::int64_t> whole(Fields& f, std::string_view key, std::int64_t least) {
    const auto text = f.optional_text(key);
    if (!text) return std::nullopt;
    std::int64_t n = 0;
    const char* const end = text->data() + text->size();
    const auto [at, error] = std::from_chars(text->data(), end, n);
    if (error == std::errc{} && at == end && n >= least && n <= INT32_MAX) return n;
    f.error(key, "'" + *text + "' is no whole number of at least " + std::to_string(least));
    return std::nullopt;
  }

  void limits() {
    s_.cpu_limit = value<Cpu>(f_, "cpus", parse_cpus);
    s_.memory_limit = value<Bytes>(f_, "mem_limit", parse_size);
    s_.memory_reservation = value<Bytes>(f_, "mem_reservation", parse_size);
    if (s_.memory_limit && s_.memory_limit->raw() == 0) s_.memory_limit.reset();
    if (const auto scale = whole(f_, "scale", 0)) s_.replicas = *scale;
    const auto gpus = f_.any("gpus", "all, or a list of devices");
    if (!gpus) return;
    if (gpus->is_sequence()) {
      devices(*gpus, true);
    } else {
      s_.left_out.emplace_back("gpus: all");
    }
  }

  /// Devices that are GPUs count; others are left out.
  void devices(const Node& list, bool gpus) {
    for (const Node& item : list.items()) {
      const Node* capabilities = item.find("capabilities");
      bool gpu = gpus;
      if (capabilities != nullptr) {
        for (const Node& c : capabilities->items()) gpu = gpu || c.text() == "gpu";
      } else if (!gpus) {
        f_.reader().diagnostics->error(item, "capabilities are missing: a reserved device has some",
                                       "capabilities: [gpu]");
      }
      const Node* count = item.find("count");
      if (gpu && count != nullptr && count->kind() == document::Kind::integer) {
        s_.gpus += count->as_integer();
      } else {
        s_.left_out.emplace_back(gpu ? "all GPUs of the host" : "devices other than GPUs");
      }
    }
  }

  /// Compose takes the two spellings of one limit when they agree.
  template <class T>
  void agree(Fields& f, std::string_view key, std::string_view other, const std::string& full, std::optional<T>& have,
             const std::optional<T>& said) {
    if (!said) return;
    if (have && f_.has(other) && *have != *said)
      f.error(key, "can't set distinct values on '" + std::string(other) + "' and '" + full + "'",
              "remove one of them");
    have = said;
  }

  void deploy() {
    const bool scaled = f_.has("scale");
    const std::int64_t scale = s_.replicas;
    Fields d = f_.child("deploy");
    const auto mode = d.optional_text("mode");
    constexpr std::array<std::string_view, 4> kModes = {"replicated", "global", "replicated-job", "global-job"};
    if (mode && std::find(kModes.begin(), kModes.end(), *mode) == kModes.end()) {
      const std::string near = nearest(*mode, kModes);
      d.error("mode", "unknown deploy mode '" + *mode + "'",
              near.empty() ? "replicated, global, replicated-job or global-job" : "did you mean '" + near + "'?");
    }
    s_.global = mode == "global" || mode == "global-job";
    s_.job = mode == "replicated-job" || mode == "global-job";
    if (const auto n = whole(d, "replicas", 0)) {
      s_.replicas = *n;
      if (scaled && scale != *n)
        d.error("replicas", "can't set distinct values on 'scale' and 'deploy.replicas'", "remove one of them");
      if (s_.global) d.error("replicas", "a service of mode global has no replicas", "remove it, or the mode");
    }
    if (s_.replicas > 1 && f_.has("container_name"))
      f_.error("container_name", "can't set container_name and " + std::string(scaled ? "scale" : "deploy.replicas") +
                                     ": a container name must be unique");
    resources(d);
    update(d);
    for (const std::string_view key : {"endpoint_mode", "labels"}) d.ignore(key);
    for (const std::string_view key : {"rollback_config", "restart_policy", "placement"})
      leave_out(d, key, "deploy." + std::string(key));
    vendor(d.node());
  }

  void resources(Fields& d) {
    Fields r = d.child("resources");
    {
      Fields l = r.child("limits");
      agree(l, "cpus", "cpus", "deploy.resources.limits.cpus", s_.cpu_limit, value<Cpu>(l, "cpus", parse_cpus));
      agree(l, "memory", "mem_limit", "deploy.resources.limits.memory", s_.memory_limit,
            value<Bytes>(l, "memory", parse_size));
      leave_out(l, "pids", "deploy.resources.limits.pids");
    }
    Fields l = r.child("reservations");
    s_.cpu_reservation = value<Cpu>(l, "cpus", parse_cpus);
    agree(l, "memory", "mem_reservation", "deploy.resources.reservations.memory", s_.memory_reservation,
          value<Bytes>(l, "memory", parse_size));
    if (const auto list = l.any("devices", "a list")) devices(*list, false);
    leave_out(l, "generic_resources", "deploy.resources.reservations.generic_resources");
    const auto above = [](const auto& reserved, const auto& limit) { return reserved && limit && *reserved > *limit; };
    if (above(s_.memory_reservation, s_.memory_limit))
      f_.reader().diagnostics->error(
          s_.mark, "service \"" + s_.name + "\" reserves more memory than its limit: Docker refuses the container",
          "raise the limit or lower the reservation", f_.path());
    if (s_.cpu_limit && s_.cpu_limit->raw() == 0) s_.cpu_limit.reset();
    if (above(s_.cpu_reservation, s_.cpu_limit))
      f_.reader().diagnostics->error(s_.mark, "service \"" + s_.name + "\" reserves more CPU than its limit",
                                     "raise the limit or lower the reservation", f_.path());
  }

  void update(Fields& d) {
    const auto node = d.any("update_config", "a mapping");
    if (!node) return;
    Fields u(*node, d.reader(), d.path_of("update_config"));
    Update out;
    if (const auto n = whole(u, "parallelism", 0)) out.parallelism = *n;
    out.start_first = u.choice<bool>("order", {{"stop-first", false}, {"start-first", true}}, false, "Compose default");
    out.rollback =
        u.choice<int>("failure_action", {{"pause", 0}, {"continue", 1}, {"rollback", 2}}, 0, "Compose default") == 2;
    for (const std::string_view key : {"delay", "monitor", "max_failure_ratio"})
      leave_out(u, key, "deploy.update_config." + std::string(key));
    s_.update = out;
  }

  void ports() {
    const auto node = f_.any("ports", "a list");
    if (node && !node->is_sequence()) f_.error("ports", "must be a list");
    for (std::size_t i = 0; node && i < node->items().size(); ++i) {
      const Node& item = node->at(i);
      const std::string path = document::join_path(f_.path_of("ports"), i);
      if (item.is_scalar()) {
        add_port(item, item.text(), path);
      } else {
        long_port(item, path);
      }
    }
    for (const std::string& text : f_.texts("expose")) {
      std::string fault;
      for (const Port& p : parse_port(text, fault)) s_.exposed.push_back(p.target);
      if (!fault.empty()) f_.error("expose", fault);
    }
  }

  void add_port(const Node& at, const std::string& text, const std::string& path) {
    std::string fault;
    for (Port& p : parse_port(text, fault)) s_.ports.push_back(p);
    if (!fault.empty()) f_.reader().diagnostics->error(at, fault, "[[IP:]HOST:]CONTAINER[/tcp|udp]", path);
  }

  void long_port(const Node& item, const std::string& path) {
    Fields p(item, f_.reader(), path);
    const auto target = whole(p, "target", 1);
    if (!p.has("target")) p.error("target", "target is missing: the port in the container");
    const auto published = p.optional_text("published");
    const auto protocol = p.optional_text("protocol");
    const auto address = p.optional_text("host_ip");
    const auto mode = p.optional_text("mode");
    if (mode && *mode != "host" && *mode != "ingress") p.error("mode", "mode must be host or ingress");
    for (const std::string_view key : {"name", "app_protocol"}) p.ignore(key);
    if (!target) return;
    std::string text = std::to_string(*target);
    if (published) text = *published + ":" + text;
    if (address) text = *address + (published ? ":" : "::") + text;
    add_port(item, text + (protocol ? "/" + *protocol : ""), path);
  }

  void health() {
    const auto node = f_.any("healthcheck", "a mapping");
    if (!node) return;
    Fields h(*node, f_.reader(), f_.path_of("healthcheck"));
    HealthCheck out;
    out.mark = node->mark();
    const bool disabled = h.optional_boolean("disable").value_or(false);
    const auto test = h.any("test", "a text, or a list that begins with CMD, CMD-SHELL or NONE");
    if (test && test->is_sequence()) {
      for (const Node& word : test->items()) out.test.push_back(word.text());
      const bool known =
          !out.test.empty() && (out.test[0] == "CMD" || out.test[0] == "CMD-SHELL" || out.test[0] == "NONE");
      if (!known)
        h.error("test", "when test is a list its first item must be NONE, CMD or CMD-SHELL",
                "test: [\"CMD\", ...] runs a program, [\"CMD-SHELL\", \"...\"] a shell");
    } else if (test && test->is_scalar()) {
      out.test = {"CMD-SHELL", test->text()};
    }
    if (disabled && test) h.error("disable", "a disabled check has no test", "remove one of them");
    if (const auto v = duration(h, "interval")) out.interval = *v;
    if (const auto v = duration(h, "timeout")) out.timeout = *v;
    if (const auto v = duration(h, "start_period")) out.start_period = *v;
    if (const auto v = whole(h, "retries", 0)) out.retries = std::max<std::int64_t>(*v, 1);
    leave_out(h, "start_interval", "healthcheck.start_interval");
    if (disabled || (!out.test.empty() && out.test[0] == "NONE")) return;
    if (out.test.empty()) {
      s_.left_out.emplace_back("healthcheck without a test (its image has one)");
      return;
    }
    s_.health = std::move(out);
  }

  void dependencies() {
    const auto node = f_.any("depends_on", "a list of services, or a mapping with conditions");
    if (!node) return;
    for (const Node& item : node->items()) s_.depends_on.push_back({item.text(), Condition::started, item.mark()});
    for (const document::Entry& e : node->entries()) {
      Fields d(e.value, f_.reader(), document::join_path(f_.path_of("depends_on"), e.key));
      Dependency out{e.key, Condition::started, e.key_mark};
      out.condition =
          d.required_choice<Condition>("condition", {{"service_started", Condition::started},
                                                     {"service_healthy", Condition::healthy},
                                                     {"service_completed_successfully", Condition::completed}});
      d.ignore("restart");
      d.ignore("required");
      s_.depends_on.push_back(std::move(out));
    }
    if (node->is_scalar()) f_.error("depends_on", "must be a list or a mapping");
  }

  void restart() {
    const auto text = f_.optional_text("restart");
    if (!text) return;
    s_.restart_written = true;
    std::string_view kind = *text;
    const std::size_t colon = kind.find(':');
    std::string_view count;
    if (colon != std::string_view::npos) {
      count = kind.substr(colon + 1);
      kind = kind.substr(0, colon);
    }
    std::int64_t n = 0;
    const auto [at, error] = std::from_chars(count.data(), count.data() + count.size(), n);
    const bool counted = colon != std::string_view::npos;
    const bool count_good =
        !counted || (kind == "on-failure" && error == std::errc{} && at == count.data() + count.size() && n >= 0);
    constexpr std::array<std::string_view, 4> kKinds = {"no", "always", "on-failure", "unless-stopped"};
    if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end() || !count_good) {
      const std::string near = nearest(kind, kKinds);
      f_.error("restart", "invalid restart policy '" + *text + "'",
               near.empty() || near == kind ? "no, always, on-failure[:N] or unless-stopped"
                                            : "did you mean '" + near + "'?");
      return;
    }
    s_.restart = kind == "no" ? Restart::no : kind == "on-failure" ? Restart::on_failure : Restart::always;
    if (counted) s_.most_restarts = n;
  }

  void network() {
    const auto mode = f_.optional_text("network_mode");
    const auto networks = f_.any("networks", "a list or a mapping");
    if (mode && networks)
      f_.error("network_mode", "service declares mutually exclusive `network_mode` and `networks`",
               "remove one of them");
    if (mode && mode->starts_with("service:")) s_.network_of = mode->substr(8);
    s_.host_network = mode == "host";
    if (mode && s_.network_of.empty() && !s_.host_network && *mode != "bridge")
      s_.left_out.push_back("network_mode: " + *mode);
  }

  void volumes() {
    const auto node = f_.any("volumes", "a list");
    if (!node) return;
    if (!node->is_sequence()) f_.error("volumes", "must be a list", "- NAME:/path");
    s_.volumes = node->size() > 0;
    for (std::size_t i = 0; i < node->items().size(); ++i) {
      const Node& item = node->at(i);
      if (item.is_mapping() && item.find("type") == nullptr)
        f_.reader().diagnostics->error(item, "type is missing", "type: volume, bind, tmpfs, npipe, cluster or image",
                                       document::join_path(f_.path_of("volumes"), i));
      if (item.is_scalar() && item.text().empty())
        f_.reader().diagnostics->error(item, "invalid empty volume spec", "NAME:/path");
    }
  }

  Fields f_;
  Service s_;
};

}  // namespace

Service read_service(const document::Item& item, const document::Reader& reader) {
  return ServiceReader(item, reader).run();
}

}  // namespace plimsoll::compose
