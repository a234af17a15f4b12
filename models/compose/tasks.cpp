#include "models/compose/tasks.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

namespace plimsoll::compose {

namespace {

std::optional<std::size_t> index_of(const Project& project, const std::string& name) {
  const Service* s = project.find(name);
  if (s == nullptr) return std::nullopt;
  return static_cast<std::size_t>(s - project.services.data());
}

Bytes whole_mebibytes(Bytes b) { return mebibytes((b.raw() + kMiB - 1) / kMiB); }

}  // namespace

void Losses::add(const std::string& service, const std::string& sentence) {
  auto at = std::find_if(losses_.begin(), losses_.end(), [&](const auto& l) { return l.first == sentence; });
  if (at == losses_.end()) at = losses_.insert(losses_.end(), {sentence, {}});
  if (std::find(at->second.begin(), at->second.end(), service) == at->second.end()) at->second.push_back(service);
}

std::vector<std::string> Losses::sentences() const {
  std::vector<std::string> out;
  for (const auto& [sentence, services] : losses_) {
    std::string who;
    for (const std::string& s : services) who += (who.empty() || s.empty() ? "" : ", ") + s;
    out.push_back(who.empty() ? sentence : who + ": " + sentence);
  }
  return out;
}

std::string label(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    out += std::isalnum(u) != 0 ? static_cast<char>(std::tolower(u)) : '-';
  }
  while (!out.empty() && out.front() == '-') out.erase(out.begin());
  out.resize(std::min<std::size_t>(out.size(), 63));
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "app" : out;
}

std::vector<Task> plan_tasks(const Project& project, document::Diagnostics& diagnostics, Losses& losses) {
  const std::vector<Service>& all = project.services;
  // Awaited: some service waits for its completion.
  std::vector<bool> awaited(all.size()), beside(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    beside[i] = !all[i].network_of.empty() && project.find(all[i].network_of) != nullptr;
    for (const Dependency& d : all[i].depends_on) {
      const auto to = index_of(project, d.service);
      if (d.condition == Condition::completed && to) awaited[*to] = true;
    }
  }
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (awaited[i]) {
      losses.add(all[i].name,
                 "others wait for its completion: it becomes a container that runs before theirs in every task of "
                 "theirs, not once");
      continue;
    }
    if (beside[i]) continue;
    Task t;
    t.main = i;
    t.name = label(all[i].name);
    if (t.name != all[i].name) losses.add(all[i].name, "it is called " + t.name + ", a name that both sides take");
    std::set<std::size_t> inside;
    // What must have ended, before what waits for it.
    const auto wait_for = [&](const auto& self, std::size_t of) -> void {
      for (const Dependency& d : all[of].depends_on) {
        const auto to = index_of(project, d.service);
        if (d.condition != Condition::completed || !to || !inside.insert(*to).second) continue;
        self(self, *to);
        t.members.push_back({*to, Member::Part::before});
      }
    };
    wait_for(wait_for, i);
    std::vector<Member> rest = {{i, Member::Part::main}};
    inside.insert(i);
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (!beside[k] || awaited[k] || all[k].network_of != all[i].name) continue;
      wait_for(wait_for, k);
      inside.insert(k);
      rest.push_back({k, Member::Part::beside});
    }
    t.members.insert(t.members.end(), rest.begin(), rest.end());
    for (const Member& m : t.members) {
      for (const Dependency& d : all[m.service].depends_on) {
        const auto to = index_of(project, d.service);
        if (to && inside.count(*to) != 0) continue;
        losses.add(all[m.service].name,
                   "depends_on does not reach across tasks: it starts beside what it depends on and must try again "
                   "until that answers");
        break;
      }
    }
    const auto same = std::find_if(tasks.begin(), tasks.end(), [&](const Task& o) { return o.name == t.name; });
    if (same != tasks.end())
      diagnostics.error(
          all[i].mark,
          "'" + all[same->main].name + "' and '" + all[i].name + "' would both be called " + t.name + " on Kubernetes",
          "rename one of them");
    tasks.push_back(std::move(t));
  }
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!beside[k] || awaited[k]) continue;
    const auto to = index_of(project, all[k].network_of);
    if (to && (beside[*to] || awaited[*to]))
      diagnostics.error(all[k].mark,
                        "'" + all[k].name + "' shares the network of '" + all[*to].name +
                            "', which is itself a container of another task",
                        "network_mode: service:" + (beside[*to] ? all[*to].network_of : all[*to].name));
    if (all[k].replicas != 1)
      losses.add(all[k].name, "a container beside another has as many copies as that: its replicas are left out");
  }
  return tasks;
}

Size size_of(const Service& s, Losses& losses) {
  Size out;
  if (s.cpu_limit) out.cpu_limit = *s.cpu_limit;
  const std::optional<Cpu> cpu = s.cpu_reservation ? s.cpu_reservation : s.cpu_limit;
  const std::optional<Bytes> memory = s.memory_reservation ? s.memory_reservation : s.memory_limit;
  if (!cpu) losses.add(s.name, "it neither reserves nor limits CPU: 0.25 is assumed");
  if (!memory) losses.add(s.name, "it neither reserves nor limits memory: 512 MiB are assumed");
  out.cpu = cpu.value_or(cpu_millis(250));
  out.memory = whole_mebibytes(memory.value_or(mebibytes(512)));
  if (s.memory_limit) out.memory_limit = whole_mebibytes(*s.memory_limit);
  return out;
}

void common_losses(const Project& project, Losses& losses) {
  if (!project.unset.empty()) {
    std::string names;
    for (const std::string& name : project.unset) names += (names.empty() ? "" : ", ") + name;
    losses.add("", "variables without a value are blank, and neither the environment nor .env is read: " + names);
  }
  for (const std::string& name : project.profiled)
    losses.add(name, "a service of a profile is not started without it: it is left out");
  for (const std::string& key : project.vendor)
    losses.add("", key + " is ignored: a key of an integration that is gone");
  for (const std::string& key : project.left_out) losses.add("", key + " is left out");
  for (const Service& s : project.services) {
    if (s.built) losses.add(s.name, "its image is built: push it to a registry under the name of the service first");
    if (s.env_file) losses.add(s.name, "env_file is not read: its variables are missing");
    if (s.volumes)
      losses.add(s.name, "volumes are left out: tasks and pods keep nothing, and the file systems have no price");
    if (s.secrets) losses.add(s.name, "secrets are left out: the store of the side must hold them first");
    if (s.configs) losses.add(s.name, "configs are left out: the side must hold them first");
    if (s.restart_written && s.restart == Restart::no && !s.job)
      losses.add(s.name, "restart: no is left out: a service replaces what ends, whatever its exit code");
    if (s.most_restarts) losses.add(s.name, "the number of on-failure restarts is left out: there is no limit");
    for (const std::string& key : s.vendor)
      losses.add(s.name, key + " is ignored: a key of an integration that is gone");
    if (s.left_out.empty()) continue;
    std::string keys;
    for (const std::string& key : s.left_out) keys += (keys.empty() ? "" : ", ") + key;
    losses.add(s.name, "left out: " + keys);
  }
}

}  // namespace plimsoll::compose
