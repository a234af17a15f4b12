#include "sim/scenario/containers_block.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "sim/core/text.h"

namespace plimsoll::scenario {

namespace {

using document::Fields;

/// What the scenario says of one container.
struct Said {
  std::string name;
  std::optional<Ppm> cpu;
  std::optional<Bytes> memory, per_request, image;
};

std::vector<Said> read_said(Fields& app) {
  std::vector<Said> out;
  for (const document::Item& item :
       app.map("containers",
               "what each container of its pods uses, by its name in the real files; each is then held "
               "to its own limits")) {
    Fields f(item.node, app.reader(), item.path);
    Said said;
    said.name = item.name;
    said.cpu = f.optional_ratio("cpu",
                                "share of the CPU that the pod uses; without it, what the others leave, by the "
                                "requests",
                                {Ppm{}, percent(100)});
    said.memory = f.optional_bytes("memory", "resident memory without requests", {Bytes{}, gibibytes(24 * 1024)});
    said.per_request = f.optional_bytes("perRequest", "memory on top for each request that the pod works on",
                                        {Bytes{}, gibibytes(1024)});
    said.image = f.optional_bytes("image", "compressed size of its image, of a container beside the main one",
                                  {Bytes{}, gibibytes(1024)});
    out.push_back(std::move(said));
  }
  return out;
}

/// The containers that stay, as the side's files list them: the workload itself, or a task definition beside it.
std::vector<ContainerUsage> containers_of(const std::vector<const ManifestFacts*>& facts, Side side) {
  std::vector<ContainerUsage> out;
  for (const ManifestFacts* fact : facts) {
    if (fact->side != side || !fact->size || fact->containers.empty()) continue;
    for (const ContainerFacts& c : fact->containers) {
      if (c.init) continue;
      ContainerUsage u;
      u.name = c.name;
      u.size.cpu = c.cpu_request.value_or(Cpu{});
      u.size.memory = c.memory_request.value_or(Bytes{});
      u.size.cpu_limit = c.cpu_limit;
      u.size.memory_limit = c.memory_limit;
      out.push_back(std::move(u));
    }
    break;
  }
  return out;
}

/// One size on every column: the main container has what the others leave of it.
void match_sizes(const PodSize& pod, std::vector<ContainerUsage>& all) {
  PodSize main = pod;
  for (std::size_t i = 1; i < all.size(); ++i) {
    main.cpu = Cpu{std::max<std::int64_t>(0, main.cpu.raw() - all[i].size.cpu.raw())};
    main.memory = Bytes{std::max<std::int64_t>(0, main.memory.raw() - all[i].size.memory.raw())};
  }
  all[0].size = main;
  for (ContainerUsage& c : all) {
    c.size.cpu_limit.reset();
    c.size.memory_limit.reset();
    if (c.size.memory.raw() > 0) c.size.memory_limit = c.size.memory;
  }
}

/// Splits `left` over those of `all` that `open` says, by their weights; evenly when none has any. The last takes what
/// rounding leaves.
template <class Open, class Weight, class Give>
void split_rest(std::int64_t left, std::vector<ContainerUsage>& all, Open open, Weight weight, Give give) {
  __int128 sum = 0;
  std::int64_t count = 0;
  for (const ContainerUsage& c : all) {
    if (!open(c)) continue;
    sum += weight(c);
    ++count;
  }
  std::int64_t rest = left;
  for (ContainerUsage& c : all) {
    if (!open(c)) continue;
    const auto part = sum > 0 ? static_cast<std::int64_t>(static_cast<__int128>(left) * weight(c) / sum) : left / count;
    give(c, part);
    rest -= part;
  }
  for (ContainerUsage& c : all) {
    if (!open(c)) continue;
    give(c, rest);
    break;
  }
}

const Said* said_of(const std::vector<Said>& said, const std::string& name) {
  const auto at = std::find_if(said.begin(), said.end(), [&](const Said& s) { return s.name == name; });
  return at == said.end() ? nullptr : &*at;
}

void settle_usage(const WorkloadSpec& w, const std::vector<Said>& said, std::vector<ContainerUsage>& all) {
  if (all.empty()) return;
  std::int64_t cpu_left = 1'000'000;
  std::int64_t memory_left = w.resident.raw();
  bool requests_said = false;
  for (ContainerUsage& c : all) {
    const Said* s = said_of(said, c.name);
    if (s == nullptr) continue;
    c.cpu = s->cpu.value_or(Ppm{});
    c.memory = s->memory.value_or(Bytes{});
    c.per_request = s->per_request.value_or(Bytes{});
    c.image = s->image;
    cpu_left -= c.cpu.raw();
    memory_left -= c.memory.raw();
    requests_said = requests_said || s->per_request;
  }
  if (!requests_said) all[0].per_request = w.per_request;
  const auto cpu_open = [&](const ContainerUsage& c) {
    const Said* s = said_of(said, c.name);
    return s == nullptr || !s->cpu;
  };
  const auto memory_open = [&](const ContainerUsage& c) {
    const Said* s = said_of(said, c.name);
    return s == nullptr || !s->memory;
  };
  if (std::any_of(all.begin(), all.end(), cpu_open)) {
    split_rest(
        std::max<std::int64_t>(0, cpu_left), all, cpu_open, [](const ContainerUsage& c) { return c.size.cpu.raw(); },
        [](ContainerUsage& c, std::int64_t part) { c.cpu = Ppm{c.cpu.raw() + part}; });
  } else if (std::int64_t sum = 1'000'000 - cpu_left; sum > 0 && sum != 1'000'000) {
    // The other side has more containers: of those here each has its part of all.
    std::int64_t rest = 1'000'000;
    for (ContainerUsage& c : all) {
      c.cpu = Ppm{static_cast<std::int64_t>(static_cast<__int128>(c.cpu.raw()) * 1'000'000 / sum)};
      rest -= c.cpu.raw();
    }
    all[0].cpu = Ppm{all[0].cpu.raw() + rest};
  }
  if (w.resident.raw() == 0) {
    for (ContainerUsage& c : all) {
      if (memory_open(c)) c.memory = Bytes{c.size.memory.raw() / 5 * 4};
    }
  } else if (std::any_of(all.begin(), all.end(), memory_open)) {
    split_rest(
        std::max<std::int64_t>(0, memory_left), all, memory_open,
        [](const ContainerUsage& c) { return c.size.memory.raw(); },
        [](ContainerUsage& c, std::int64_t part) { c.memory += Bytes{part}; });
  }
}

void check_containers(Fields& app, const std::vector<Said>& said, const WorkloadSpec& w) {
  std::int64_t sum = 0;
  bool whole = true;
  std::vector<std::string_view> names;
  for (const std::vector<ContainerUsage>* side : {&w.kubernetes_containers, &w.ecs_containers}) {
    for (const ContainerUsage& c : *side) {
      if (std::find(names.begin(), names.end(), c.name) == names.end()) names.push_back(c.name);
    }
  }
  for (const Said& s : said) {
    sum += s.cpu.value_or(Ppm{}).raw();
    whole = whole && s.cpu;
    if (std::find(names.begin(), names.end(), s.name) != names.end()) continue;
    const std::string near = nearest(s.name, names);
    app.error("containers",
              names.empty() ? "no file lists the containers of " + w.name
                            : "no file of " + w.name + " has a container '" + s.name + "'",
              names.empty()  ? "add its file to files:"
              : near.empty() ? "the first is '" + std::string(names[0]) + "'"
                             : "did you mean '" + near + "'?");
  }
  const bool all_named = said.size() >= names.size();
  if (sum > 1'000'000 || (whole && all_named && !said.empty() && sum != 1'000'000))
    app.error("containers", "the shares of the CPU make " + to_string(Ppm{sum}) + " together",
              "shares of all containers make 100 %");
}

}  // namespace

void read_containers(Fields& app, const std::vector<const ManifestFacts*>& facts, bool matched, WorkloadSpec& w) {
  const std::vector<Said> said = read_said(app);
  if (app.describing()) return;
  w.kubernetes_containers = containers_of(facts, Side::kubernetes);
  w.ecs_containers = containers_of(facts, Side::ecs);
  // Where one side has no files, the other's stand for it.
  if (w.ecs_containers.empty()) w.ecs_containers = w.kubernetes_containers;
  if (w.kubernetes_containers.empty()) w.kubernetes_containers = w.ecs_containers;
  w.containers_said = !said.empty();
  check_containers(app, said, w);
  if (matched) {
    if (!w.kubernetes_containers.empty()) match_sizes(w.kubernetes, w.kubernetes_containers);
    if (!w.ecs_containers.empty()) match_sizes(w.ecs, w.ecs_containers);
  }
  settle_usage(w, said, w.kubernetes_containers);
  settle_usage(w, said, w.ecs_containers);
  // What nobody has said is told only where it counts: pods of several containers.
  for (const ContainerUsage& c : w.kubernetes_containers) {
    if (w.kubernetes_containers.size() < 2 || said_of(said, c.name) != nullptr) continue;
    Fields shown(document::Node::null(), app.reader(), document::join_path(app.path_of("containers"), c.name));
    shown.record("cpu", to_string(c.cpu), "assumed: by the requests");
    shown.record("memory", to_string(c.memory), "assumed: by the requests");
  }
}

}  // namespace plimsoll::scenario
