#include "models/ecs/api/parameter_rules.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs::api {
namespace {

/// What is said of a definition with these keys, and these of its one container "web".
std::string parameter_faults(const std::string& container, const std::string& definition, bool fargate) {
  document::Diagnostics ignored, d;
  const std::string size = fargate ? "'networkMode':'awsvpc','cpu':'256','memory':'512'," : "";
  const auto t =
      read_task_definition(json("{'family':'f'," + size + "'containerDefinitions':[{'name':'web','image':'i'," +
                                "'memory':128" + container + "}]" + definition + "}"),
                           ignored);
  REQUIRE(t.has_value());
  check_parameters(*t, fargate, d);
  return d.text();
}

struct ParameterCase {
  std::string container, definition;
  bool fargate;
  std::string rule;  ///< part of the one fault; empty: none
};

TEST_CASE("parameters that RegisterTaskDefinition refuses, each by its rule") {
  const std::string log = ",'logConfiguration':{'logDriver':";
  const std::string whole = "'options':{'awslogs-group':'g','awslogs-region':'r','awslogs-stream-prefix':'p'}}";
  const ParameterCase cases[] = {
      {"", "", true, ""},
      // Fargate
      {",'privileged':true", "", true, "Fargate requires that the 'privileged' setting be 'false'."},
      {",'privileged':false", "", true, ""},
      {",'privileged':true", "", false, ""},
      {",'linuxParameters':{'devices':[{'hostPath':'/dev/fuse'}]}", "", true, "do not support devices."},
      {",'linuxParameters':{'sharedMemorySize':64}", "", true, "do not support sharedMemorySize."},
      {",'linuxParameters':{'maxSwap':0}", "", true, "do not support maxSwap."},
      {",'linuxParameters':{'maxSwap':0}", "", false, ""},
      {",'linuxParameters':{'capabilities':{'add':['SYS_PTRACE']}}", "", true, ""},
      {",'linuxParameters':{'capabilities':{'add':['NET_ADMIN']}}", "", true, "SYS_PTRACE only, not NET_ADMIN"},
      {",'dockerSecurityOptions':['no-new-privileges']", "", true, "do not support dockerSecurityOptions."},
      {"", ",'ipcMode':'task'", true, "do not support ipcMode."},
      {"", ",'ipcMode':'task'", false, ""},
      {"", ",'pidMode':'host'", true, "do not support pidMode 'host'."},
      {"", ",'pidMode':'task'", true, ""},
      {"", ",'volumes':[{'name':'v','host':{'sourcePath':'/data'}}]", true, "do not support sourcePath."},
      {"", ",'volumes':[{'name':'v','host':{}}]", true, ""},
      {"", ",'volumes':[{'name':'v','dockerVolumeConfiguration':{'scope':'task'}}]", true,
       "do not support dockerVolumeConfiguration."},
      {log + "'json-file'}", "", true, "Fargate does not support the log driver 'json-file'."},
      {log + "'json-file'}", "", false, ""},
      // awsvpc
      {",'hostname':'h'", "", true, "hostname is not supported on container when networkMode=awsvpc."},
      {",'hostname':'h'", "", false, ""},
      {",'dnsServers':['10.0.0.2']", "", true, "DNS servers are not supported"},
      {",'extraHosts':[{'hostname':'a','ipAddress':'1.2.3.4'}]", "", true, "Extra hosts are not supported"},
      {",'disableNetworking':true", "", true, "Disable Networking is not supported"},
      {",'links':['db']", ",'networkMode':'host'", false, "Links are only supported when networkMode=bridge."},
      // Volumes
      {",'mountPoints':[{'sourceVolume':'dta','containerPath':'/d'}]", ",'volumes':[{'name':'data'}]", false,
       "Unknown volume 'dta'."},
      {",'mountPoints':[{'sourceVolume':'data','containerPath':'/d'}]", ",'volumes':[{'name':'data'}]", false, ""},
      {"", ",'volumes':[{'name':'v'},{'name':'v'}]", false, "volume name 'v' is used twice"},
      {"", ",'volumes':[{'name':'v','host':{'sourcePath':'/d'},'efsVolumeConfiguration':{'fileSystemId':'fs-1'}}]",
       false, "this one has 2"},
      {"", ",'volumes':[{'name':'v','configuredAtLaunch':true},{'name':'w','configuredAtLaunch':true}]", false,
       "only one volume"},
      {",'volumesFrom':[{'sourceContainer':'db'}]", "", false, "volumesFrom names the container 'db'"},
      // Logs
      {log + "'awslogs'," + whole, "", true, ""},
      {log + "'awslogs','options':{'awslogs-group':'g','awslogs-region':'r'}}", "", true,
       "Log driver awslogs requires options: awslogs-stream-prefix."},
      {log + "'awslogs','options':{'awslogs-group':'g','awslogs-region':'r'}}", "", false, ""},
      {log + "'awslogs'}", "", false, "Log driver awslogs requires options: awslogs-group, awslogs-region."},
      {log + "'awslog'," + whole, "", false, "did you mean 'awslogs'?"},
      {log + "'awsfirelens'}", "", false, "needs a container with a firelensConfiguration"},
      {",'firelensConfiguration':{'type':'fluentbit'}", "", false, "at least one container has to be configured with"},
      // Names
      {",'environment':[{'name':'A','value':'1'}],'secrets':[{'name':'A','valueFrom':'arn'}]", "", false,
       "The secret name must be unique"},
      {",'environment':[{'name':'A','value':'1'}],'secrets':[{'name':'B','valueFrom':'arn'}]", "", false, ""},
      {",'portMappings':[{'containerPort':80,'name':'Web'}]", "", false, "'Web' is no name of a port mapping"},
      {",'portMappings':[{'containerPortRange':'80-90'}]", ",'networkMode':'host'", false,
       "containerPortRange needs networkMode bridge or awsvpc"},
  };
  for (const ParameterCase& c : cases) {
    const std::string text = parameter_faults(c.container, c.definition, c.fargate);
    CAPTURE(c.container);
    CAPTURE(c.definition);
    CAPTURE(text);
    if (c.rule.empty()) {
      CHECK(text.empty());
    } else {
      CHECK(text.find(c.rule) != std::string::npos);
      CHECK(text.find("error") == text.rfind("error"));  // once
    }
  }
}

TEST_CASE("what is refused of a definition is told where it stands") {
  document::Diagnostics d;
  const auto t = read_task_definition(
      json("{'family':'f','requiresCompatibilities':['FARGATE'],'networkMode':'awsvpc','cpu':'256','memory':'512',\n"
           "'containerDefinitions':[{'name':'web','image':'i',\n'privileged':true}]}"),
      d);
  check_task_definition(*t, d);
  CHECK(d.text().find("test.json:3:14: error: Fargate requires that the 'privileged'") != std::string::npos);
  CHECK(d.text().find("containerDefinitions[0].privileged") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::ecs::api
