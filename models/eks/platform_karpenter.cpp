#include "models/eks/platform_karpenter.h"
namespace plimsoll::eks {
void parse_karpenter(document::Fields& c, const Setting&, EksPlan&) { c.ignore("bootstrap"); c.ignore("nodePools"); }
}
