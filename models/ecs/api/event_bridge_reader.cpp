#include "models/ecs/api/event_bridge_reader.h"

#include <string>
#include <utility>

#include "models/ecs/api/event_bridge.h"

namespace plimsoll::ecs::api {

namespace {

class EventReader final : public ManifestReader {
 public:
  Side side() const override { return Side::ecs; }
  bool accepts(const document::Node& document) const override {
    return detect_event(document) != EventDocumentKind::none;
  }
  void read(const document::Node& document, const document::Reader& reader,
            std::vector<ManifestFacts>& out) const override {
    EventDocuments events;
    read_event_document(document, *reader.diagnostics, events);
    ManifestFacts f;
    f.side = Side::ecs;
    f.kind = std::string(to_string(detect_event(document)));
    f.file = document.mark().path();
    f.scaling = document;
    const auto runs = [&](const EventTarget& t) {
      if (!t.family.empty() && f.definition.empty()) {
        f.definition = t.family;
        f.replicas = t.count;
      }
    };
    for (const CreateSchedule& s : events.schedules) runs(s.target);
    for (const PutTargets& p : events.targets) {
      for (const EventTarget& t : p.targets) runs(t);
    }
    out.push_back(std::move(f));
  }
};

}  // namespace

std::unique_ptr<ManifestReader> event_bridge_reader() { return std::make_unique<EventReader>(); }

}  // namespace plimsoll::ecs::api
