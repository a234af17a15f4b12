#include "models/ecs/task_reservation.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;

TEST_CASE("task sizes are read in both notations") {
  CHECK(parse_task_cpu("1024").value == 1024);
  CHECK(parse_task_cpu("1 vCPU").value == 1024);
  CHECK(parse_task_cpu(".5 vcpu").value == 512);
  CHECK(parse_task_cpu("0.25 vCPU").value == 256);
  CHECK(parse_task_memory("512").value == 512);
  CHECK(parse_task_memory("2GB").value == 2048);
  CHECK(parse_task_memory("0.5 GB").value == 512);
  CHECK(parse_task_memory("30 GB").value == 30'720);
}

TEST_CASE("sizes that ECS does not read") {
  for (const char* text :
       {"", " ", "abc", "-1", "1.5", "1 core", "512Mi", "1..5 vCPU", "vCPU", "0.0001 vCPU", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_task_cpu(text));
  }
  CHECK_FALSE(parse_task_memory("512Mi"));
  CHECK_FALSE(parse_task_memory("1 vCPU"));
}

TEST_CASE("the soft limit is what a task reserves") {
  TaskSize size;
  size.containers = {{"a", 128, 300, 128, true}, {"b", 0, 64, {}, true}};
  const TaskReservation r = task_reservation(size);
  CHECK(r.cpu == 128);
  CHECK(r.memory == 192);
  CHECK(task_memory_limit(size) == 364);
}

TEST_CASE("sizes of the task have precedence") {
  TaskSize size;
  size.cpu = 1024;
  size.memory = 2048;
  size.containers = {{"a", 0, {}, {}, true}, {"b", 256, {}, {}, true}};
  CHECK(size_errors(size).empty());
  CHECK(task_reservation(size).cpu == 1024);
  CHECK(task_reservation(size).memory == 2048);
  CHECK(task_memory_limit(size) == 2048);
}

TEST_CASE("a container with a soft limit only may grow to the whole host") {
  TaskSize size;
  size.containers = {{"a", 0, {}, 64, true}};
  CHECK_FALSE(task_memory_limit(size).has_value());
}

TEST_CASE("sizes that ECS refuses") {
  const auto refused = [](TaskSize size) { return size_errors(size).size(); };
  TaskSize none;
  CHECK(refused(none) == 1);
  TaskSize no_memory;
  no_memory.containers = {{"a", 10, {}, {}, true}};
  CHECK(refused(no_memory) == 1);
  TaskSize not_essential;
  not_essential.containers = {{"a", 10, 128, {}, false}};
  CHECK(refused(not_essential) == 1);
  TaskSize swapped;
  swapped.containers = {{"a", 10, 64, 128, true}};
  CHECK(refused(swapped) == 1);
  TaskSize too_much;
  too_much.cpu = 256;
  too_much.memory = 512;
  too_much.containers = {{"a", 200, 300, {}, true}, {"b", 100, 300, {}, true}};
  CHECK(refused(too_much) == 2);  // 300 of 256 units, 600 of 512 MiB
  TaskSize tiny;
  tiny.containers = {{"a", 10, 5, {}, true}};
  CHECK(refused(tiny) == 1);
}
