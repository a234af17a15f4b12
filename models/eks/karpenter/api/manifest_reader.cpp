#include "models/eks/karpenter/api/manifest_reader.h"

#include "models/eks/karpenter/api/node_pool_reader.h"
#include "sim/cluster/names.h"

namespace plimsoll::eks::karpenter {

namespace {

class PoolReader final : public ManifestReader {
 public:
  Side side() const override { return Side::kubernetes; }
  bool accepts(const document::Node& document) const override {
    return is_node_pool(document) || is_node_class(document);
  }
  void read(const document::Node& document, const document::Reader& reader,
            std::vector<ManifestFacts>&) const override {
    const document::Node* kind = document.find("kind");
    reader.diagnostics->warning(document, (kind != nullptr ? kind->text() : "this") + " has no effect among the files",
                                "a column reads its own: capacity: {bootstrap: {...}, nodePools: [FILE]}");
    if (is_node_class(document)) {
      read_node_class(document, reader);
      return;
    }
    Names names;
    read_node_pool(document, reader, names);
  }
};

}  // namespace

std::unique_ptr<ManifestReader> karpenter_manifest_reader() { return std::make_unique<PoolReader>(); }

}  // namespace plimsoll::eks::karpenter
