#include "sim/results/sqlite.h"

#include <sqlite3.h>

#include <stdexcept>

namespace plimsoll::results {

Database::Database(const std::string& path, Mode mode) : path_(path) {
  const int flags = mode == Mode::create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    const std::string reason = db_ != nullptr ? sqlite3_errmsg(db_) : "out of memory";
    sqlite3_close(db_);
    db_ = nullptr;
    throw std::runtime_error(path + ": " + reason);
  }
}

Database::~Database() { sqlite3_close(db_); }

void Database::fail() const { throw std::runtime_error(path_ + ": " + sqlite3_errmsg(db_)); }

void Database::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void Database::close() {
  if (sqlite3_close(db_) != SQLITE_OK) fail();
  db_ = nullptr;
}

Statement::Statement(Database& db, const std::string& sql) : db_(db) {
  if (sqlite3_prepare_v2(db.handle(), sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) db.fail();
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::put(std::int64_t value) {
  if (sqlite3_bind_int64(statement_, ++at_, value) != SQLITE_OK) db_.fail();
  return *this;
}

Statement& Statement::put(double value) {
  if (sqlite3_bind_double(statement_, ++at_, value) != SQLITE_OK) db_.fail();
  return *this;
}

Statement& Statement::put(std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";  // a null pointer would be SQL's NULL
  if (sqlite3_bind_text(statement_, ++at_, data, static_cast<int>(text.size()), SQLITE_STATIC) != SQLITE_OK) db_.fail();
  return *this;
}

Statement& Statement::put_bytes(std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  if (sqlite3_bind_blob(statement_, ++at_, data, static_cast<int>(bytes.size()), SQLITE_STATIC) != SQLITE_OK)
    db_.fail();
  return *this;
}

void Statement::step() {
  at_ = 0;
  if (sqlite3_step(statement_) != SQLITE_DONE || sqlite3_reset(statement_) != SQLITE_OK) db_.fail();
}

bool Statement::next() {
  at_ = 0;
  const int answer = sqlite3_step(statement_);
  if (answer == SQLITE_ROW) return true;
  if (answer != SQLITE_DONE) db_.fail();
  if (sqlite3_reset(statement_) != SQLITE_OK) db_.fail();
  return false;
}

std::int64_t Statement::integer() { return sqlite3_column_int64(statement_, at_++); }

double Statement::real() { return sqlite3_column_double(statement_, at_++); }

std::string Statement::text() {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at_));
  const int size = sqlite3_column_bytes(statement_, at_++);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

std::string Statement::bytes() {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, at_));
  const int size = sqlite3_column_bytes(statement_, at_++);
  return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

}  // namespace plimsoll::results
