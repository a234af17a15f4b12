#include "models/eks/node/kubelet_reserves.h"

#include <algorithm>
#include <array>

#include "sim/core/text.h"

namespace plimsoll::eks {

namespace {

constexpr std::string_view kReserved[] = {"cpu", "memory", "ephemeral-storage", "pid"};
constexpr std::string_view kSignals[] = {"memory.available",  "nodefs.available",   "nodefs.inodesFree",
                                         "imagefs.available", "imagefs.inodesFree", "pid.available"};

void unknown(const document::Item& item, document::Fields& kubelet, std::string_view what,
             std::span<const std::string_view> names) {
  const std::string near = nearest(item.name, names);
  kubelet.reader().diagnostics->error(item.node, "the kubelet knows no " + std::string(what) + " '" + item.name + "'",
                                      near.empty() ? "" : "did you mean '" + near + "'?", item.path);
}

struct Amounts {
  std::optional<Cpu> cpu;
  std::optional<Bytes> memory, storage;
};

Amounts read_amounts(document::Fields& kubelet, std::string_view key) {
  Amounts out;
  for (const document::Item& item : kubelet.map(key, "amounts that pods do not get: cpu, memory, ephemeral-storage")) {
    const auto bad = [&](const std::string& fault) {
      kubelet.reader().diagnostics->error(item.node, fault, "", item.path);
    };
    if (item.name == "cpu") {
      const auto parsed = parse_cpu(item.node.text());
      if (parsed) out.cpu = *parsed.value;
      if (!parsed) bad(parsed.error);
    } else if (item.name == "memory" || item.name == "ephemeral-storage") {
      const auto parsed = parse_bytes(item.node.text());
      if (parsed) (item.name == "memory" ? out.memory : out.storage) = *parsed.value;
      if (!parsed) bad(parsed.error);
    } else if (item.name != "pid") {
      unknown(item, kubelet, "reserved resource", kReserved);
    }
  }
  return out;
}

void read_signals(document::Fields& kubelet, std::string_view key, std::optional<EvictionThreshold>& memory,
                  std::optional<EvictionThreshold>& storage) {
  for (const document::Item& item : kubelet.map(key, "eviction signals: what must stay available")) {
    const bool of_memory = item.name == "memory.available", of_storage = item.name == "nodefs.available";
    if (!of_memory && !of_storage) {
      if (std::find(std::begin(kSignals), std::end(kSignals), item.name) == std::end(kSignals))
        unknown(item, kubelet, "eviction signal", kSignals);
      continue;
    }
    const std::string text = item.node.text();
    EvictionThreshold threshold;
    std::string fault;
    if (text.ends_with('%')) {
      const auto parsed = parse_ratio(text);
      if (parsed) threshold.share = *parsed.value;
      if (!parsed) fault = parsed.error;
    } else {
      const auto parsed = parse_bytes(text);
      if (parsed) threshold.amount = parsed.value->raw();
      if (!parsed) fault = parsed.error;
    }
    if (!fault.empty()) kubelet.reader().diagnostics->error(item.node, fault, "", item.path);
    (of_memory ? memory : storage) = threshold;
  }
}

std::int64_t evicted_at(const std::optional<EvictionThreshold>& hard, const std::optional<EvictionThreshold>& soft,
                        std::int64_t capacity, std::int64_t otherwise) {
  if (!hard && !soft) return otherwise;
  return std::max(hard ? hard->of(capacity) : 0, soft ? soft->of(capacity) : 0);
}

}  // namespace

std::int64_t EvictionThreshold::of(std::int64_t capacity) const {
  constexpr std::int64_t kWhole = 1'000'000;
  if (amount > 0) return amount;
  if (share.raw() >= kWhole) return 0;
  return static_cast<std::int64_t>((static_cast<__int128>(capacity) * share.raw() + kWhole - 1) / kWhole);
}

std::int64_t KubeletReserves::limit_pods(std::int64_t pods, std::int64_t vcpu, NodeImage image) const {
  return pods_per_core > 0 && image != NodeImage::bottlerocket ? std::min(pods, pods_per_core * vcpu) : pods;
}

ResourceVector KubeletReserves::allocatable(const ResourceVector& capacity, const KubeReserved& kept, NodeImage image,
                                            bool planned) const {
  const bool soft = planned && image != NodeImage::bottlerocket;
  const std::int64_t memory = capacity.memory().raw(), storage = capacity[Resource::ephemeral_storage];
  ResourceVector out = capacity;
  const Cpu cpu = kube_cpu.value_or(kept.cpu) + system_cpu;
  out[Resource::cpu] = std::max<std::int64_t>(0, (capacity.cpu() - cpu).raw());
  const std::int64_t memory_kept =
      kube_memory.value_or(kept.memory).raw() + system_memory.raw() +
      evicted_at(memory_hard, soft ? memory_soft : std::nullopt, memory, kEvictionHardMemory.raw());
  out[Resource::memory] = std::max<std::int64_t>(0, memory - memory_kept);
  const std::int64_t storage_kept = kube_storage.value_or(kept.ephemeral_storage).raw() + system_storage.raw() +
                                    evicted_at(storage_hard, soft ? storage_soft : std::nullopt, storage, storage / 10);
  out[Resource::ephemeral_storage] = std::max<std::int64_t>(0, storage - storage_kept);
  return out;
}

KubeletReserves read_kubelet_reserves(document::Fields& kubelet) {
  KubeletReserves out;
  out.pods_per_core =
      kubelet.optional_integer("podsPerCore", "most pods for each core of a node", {0, 1000}).value_or(0);
  const Amounts kube = read_amounts(kubelet, "kubeReserved"), system = read_amounts(kubelet, "systemReserved");
  out.kube_cpu = kube.cpu;
  out.kube_memory = kube.memory;
  out.kube_storage = kube.storage;
  out.system_cpu = system.cpu.value_or(Cpu{});
  out.system_memory = system.memory.value_or(Bytes{});
  out.system_storage = system.storage.value_or(Bytes{});
  read_signals(kubelet, "evictionHard", out.memory_hard, out.storage_hard);
  read_signals(kubelet, "evictionSoft", out.memory_soft, out.storage_soft);
  return out;
}

}  // namespace plimsoll::eks
