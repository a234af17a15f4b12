#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plimsoll {

/// Kinds of EC2 instances that quotas of running vCPUs tell apart. `p5` has a quota of its own on Spot only.
enum class InstanceKind : std::uint8_t { standard, g_vt, p, p5, x, f, inf, trn, dl, high_memory, hpc };
inline constexpr std::size_t kInstanceKinds = 11;

/// A quota's key in a scenario, its name on AWS, and what a new account has of it.
struct InstanceQuotaName {
  InstanceKind kind;
  bool spot;
  std::string_view key, name, new_account;
};

/// SOURCE: EC2 user guide, "On-Demand Instance quotas" and "Spot Instance quotas" (names, defaults); the codes are
/// those of the Service Quotas console.
inline constexpr std::array<InstanceQuotaName, 19> kInstanceQuotaNames{{
    {InstanceKind::standard, false, "onDemandStandard",
     "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances: EC2 quota L-1216C47A", "5"},
    {InstanceKind::standard, true, "spotStandard",
     "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests: EC2 quota L-34B43A08", "5"},
    {InstanceKind::g_vt, false, "onDemandG", "Running On-Demand G and VT instances: EC2 quota L-DB2E81BA", "0"},
    {InstanceKind::g_vt, true, "spotG", "All G and VT Spot Instance Requests: EC2 quota L-3819A6DF", "0"},
    {InstanceKind::p, false, "onDemandP", "Running On-Demand P instances: EC2 quota L-417A185B", "0"},
    {InstanceKind::p, true, "spotP", "All P4, P3 and P2 Spot Instance Requests: EC2 quota L-7212CCBC", "0"},
    {InstanceKind::p5, true, "spotP5", "All P5 Spot Instance Requests", "0"},
    {InstanceKind::x, false, "onDemandX", "Running On-Demand X instances: EC2 quota L-7295265B", "0"},
    {InstanceKind::x, true, "spotX", "All X Spot Instance Requests: EC2 quota L-E3A00192", "0"},
    {InstanceKind::f, false, "onDemandF", "Running On-Demand F instances: EC2 quota L-74FC7D96", "0"},
    {InstanceKind::f, true, "spotF", "All F Spot Instance Requests: EC2 quota L-88CF9481", "0"},
    {InstanceKind::inf, false, "onDemandInf", "Running On-Demand Inf instances: EC2 quota L-1945791B", "0"},
    {InstanceKind::inf, true, "spotInf", "All Inf Spot Instance Requests: EC2 quota L-B5D1601B", "0"},
    {InstanceKind::trn, false, "onDemandTrn", "Running On-Demand Trn instances: EC2 quota L-2C3B7624", "0"},
    {InstanceKind::trn, true, "spotTrn", "All Trn Spot Instance Requests", "0"},
    {InstanceKind::dl, false, "onDemandDL", "Running On-Demand DL instances: EC2 quota L-6E869C2A", "0"},
    {InstanceKind::dl, true, "spotDL", "All DL Spot Instance Requests: EC2 quota L-85EED4F7", "0"},
    {InstanceKind::high_memory, false, "onDemandHighMemory",
     "Running On-Demand High Memory instances: EC2 quota L-43DA4232", "0"},
    {InstanceKind::hpc, false, "onDemandHPC", "Running On-Demand HPC instances: EC2 quota L-F7808C92", "0"},
}};

/// What the account may run at once in its region, in vCPUs; absent: more than the run ever asks for. New accounts
/// have little (5 Standard vCPUs of EC2, 6 of Fargate, no GPU), which nobody runs a service on: the model assumes none.
/// SOURCE: EC2 user guide, "On-Demand Instance quotas" and "Spot Instance quotas"; Amazon ECS developer guide, "AWS
/// Fargate service quotas".
struct AccountQuotas {
  using ByKind = std::array<std::optional<std::int64_t>, kInstanceKinds>;
  ByKind on_demand, spot;                         ///< by InstanceKind
  std::optional<std::int64_t> fargate_on_demand;  ///< Fargate On-Demand vCPU resource count
  std::optional<std::int64_t> fargate_spot;       ///< Fargate Spot vCPU resource count
};

}  // namespace plimsoll
