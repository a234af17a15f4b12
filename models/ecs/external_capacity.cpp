#include "models/ecs/external_capacity.h"

#include "models/aws/controllers/external_instances.h"

namespace plimsoll::ecs {

ExternalCapacity ExternalCapacity::read(document::Fields& column, document::Fields& e, aws::PriceBook& prices) {
  ExternalCapacity out;
  out.count = e.integer("instances", 1, "one", "machines of your own", {1, 5000});
  out.registered.set_cpu(e.required_cpu("cpu", "of one machine"));
  out.registered.set_memory(e.required_bytes("memory", "of one machine, as the agent registers it"));
  out.registered[Resource::pods] = 100'000;
  out.registered[Resource::enis] = 100'000;  // bridge or host network: no interface a task
  out.fee_per_hour = prices.service(column, "ecs", "ecs_anywhere");
  return out;
}

std::unique_ptr<Component> external_instances(BuildContext& context, aws::Meters& meters,
                                              const ExternalCapacity& external, NodeGroupId group) {
  billing::LineItem fee;
  fee.item = "ecs-anywhere/instances";
  fee.label = "ECS Anywhere instances";
  fee.rate = external.fee_per_hour;
  fee.unit = "Hours";
  fee.minimum = hours(1);
  fee.service = "Amazon Elastic Container Service";
  fee.category = "Compute";
  fee.resource_type = "Instance";
  fee.sku = "ECS-Anywhere-Instance-hours";
  aws::InstanceLines lines;
  lines.ec2 = false;
  lines.type = context.world.names.intern("external");
  lines.on_demand = lines.spot = context.bill.line(fee);
  meters.add(lines);
  NodeSpec spec;
  spec.name_prefix = "mi";
  spec.instance_type = lines.type;
  spec.zone = ZoneId{0};
  spec.group = group;
  spec.capacity = spec.allocatable = external.registered;
  return std::make_unique<aws::ExternalInstances>(std::move(spec), external.count);
}

}  // namespace plimsoll::ecs
