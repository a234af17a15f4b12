#include "models/kubernetes/api/scaling_reader.h"

#include "models/kubernetes/keda/scaled_object.h"
#include "models/kubernetes/vpa/vertical_pod_autoscaler.h"

namespace plimsoll::kubernetes::api {

namespace {

class ScalingReader final : public ManifestReader {
 public:
  Side side() const override { return Side::kubernetes; }
  bool accepts(const document::Node& node) const override {
    return is_scaled_object(node) || is_vertical_pod_autoscaler(node);
  }
  void read(const document::Node& node, const document::Reader& reader,
            std::vector<ManifestFacts>& out) const override {
    ManifestFacts f;
    f.file = node.mark().path();
    f.scaling = node;
    if (is_vertical_pod_autoscaler(node)) {
      const auto v = read_vertical_pod_autoscaler(node, *reader.diagnostics);
      if (!v) return;
      f.kind = "VerticalPodAutoscaler";
      f.name = v->target_name;
      out.push_back(std::move(f));
      return;
    }
    const auto s = read_scaled_object(node, *reader.diagnostics);
    if (!s) return;
    f.kind = "ScaledObject";
    f.name = s->target_name;
    if (s->paused) {  // as if it were not there
      out.push_back(std::move(f));
      return;
    }
    // The other side has no scaling to zero by itself.
    f.scale_minimum = std::max<std::int64_t>(s->minimum, 1);
    f.scale_maximum = s->maximum;
    for (const ScaledTrigger& t : s->triggers) {
      if (t.metric != ScaledTrigger::Metric::utilization) continue;
      const Ppm share{static_cast<std::int64_t>(t.threshold * 10'000 + 0.5)};
      if (t.type == ScaledTrigger::Type::cpu) f.scale_cpu = share;
      if (t.type == ScaledTrigger::Type::memory) f.scale_memory = share;
    }
    out.push_back(std::move(f));
  }
};

}  // namespace

std::unique_ptr<ManifestReader> scaling_manifest_reader() { return std::make_unique<ScalingReader>(); }

}  // namespace plimsoll::kubernetes::api
