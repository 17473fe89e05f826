// The places that a team's state may be in, each a real server at 127.0.0.1, as the real skep is told of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace skep::testing {

class TeamPlace {
 public:
  virtual ~TeamPlace() = default;
  /// "http", "gitlab", "s3", "ceph", "postgres".
  virtual std::string name() const = 0;
  virtual int port() const = 0;
  /// For the skep of this cluster; it comes by `port`, which may be that of a proxy.
  virtual std::map<std::string, std::string> environment(const std::string& cluster, int port) const = 0;
};

/// Nothing: there is no such place. Says on stderr why one that is known cannot be had here.
std::unique_ptr<TeamPlace> make_team_place(const std::string& name);
/// Every one that can be had here.
std::vector<std::unique_ptr<TeamPlace>> make_team_places();

}  // namespace skep::testing
