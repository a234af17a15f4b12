#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace plimsoll::results {

/// An open database file. Every failure throws std::runtime_error "PATH: reason".
class Database {
 public:
  enum class Mode : std::uint8_t { create, read };
  Database(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql);
  /// Closes and says so when that fails; the destructor is silent.
  void close();
  sqlite3* handle() const { return db_; }
  [[noreturn]] void fail() const;

 private:
  std::string path_;
  sqlite3* db_ = nullptr;
};

/// A prepared statement. Writing: put values in order, then step. Reading: while (next()) get values in order.
class Statement {
 public:
  Statement(Database& db, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& put(std::int64_t value);
  Statement& put(double value);
  /// The text must live until step().
  Statement& put(std::string_view text);
  Statement& put_bytes(std::string_view bytes);
  /// Executes and makes ready for the next row.
  void step();

  bool next();
  std::int64_t integer();
  double real();
  std::string text();
  std::string bytes();

 private:
  Database& db_;
  sqlite3_stmt* statement_ = nullptr;
  int at_ = 0;
};

}  // namespace plimsoll::results
