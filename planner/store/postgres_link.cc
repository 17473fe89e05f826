#include "planner/store/postgres_link.h"

#include "planner/base/text.h"

namespace skep {

namespace {

// A statement has its time, and a client that went without a word is missed after a minute: its lock goes with it.
constexpr const char* session_settings =
    "-c statement_timeout=30s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3";

void hear_nothing(void*, const char*) {}  // notices are for people at a psql

std::string one_line(const char* message) {
  std::string text(trim(message == nullptr ? "" : message));
  return text.substr(0, text.find('\n'));
}

// libpq reports no SQLSTATE while it connects.
bool is_login_refused(const std::string& message) {
  for (const char* part : {"authentication failed", "no password supplied", "no pg_hba.conf entry", "role \""})
    if (message.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

Result<void> PostgresLink::open() {
  // What the string says comes after the defaults and goes before them.
  const char* names[] = {"connect_timeout", "tcp_user_timeout", "application_name", "options", "dbname", nullptr};
  const char* values[] = {"10", "30000", "skep", session_settings, connection_.c_str(), nullptr};
  handle_.reset(PQconnectdbParams(names, values, 1));
  if (handle_ && PQstatus(handle_.get()) == CONNECTION_OK) {
    PQsetNoticeProcessor(handle_.get(), hear_nothing, nullptr);
    return {};
  }
  const std::string message = handle_ ? one_line(PQerrorMessage(handle_.get())) : "out of memory";
  handle_.reset();
  if (is_login_refused(message))
    return Error{ErrorCode::denied, message, "credentials come from PGUSER and PGPASSWORD, or ~/.pgpass"};
  return Error{ErrorCode::unavailable, message,
               "check the address: state.address, PG_CONN_STR or PGHOST and PGDATABASE"};
}

Result<PostgresAnswer> PostgresLink::ask(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexecParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                   nullptr, 0),
      PQclear);
  if (!result || PQstatus(handle_.get()) != CONNECTION_OK) {
    const std::string message = one_line(PQerrorMessage(handle_.get()));
    close();
    return Error{ErrorCode::unknown_outcome, "the connection broke: " + message};
  }
  PostgresAnswer answer;
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    answer.sqlstate = state == nullptr ? "XX000" : state;
    answer.message = one_line(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY));
    return answer;
  }
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    PostgresRow& cells = answer.rows.emplace_back();
    for (int column = 0; column < PQnfields(result.get()); ++column)
      cells.emplace_back(PQgetvalue(result.get(), row, column),
                         static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
  }
  return answer;
}

}  // namespace skep
