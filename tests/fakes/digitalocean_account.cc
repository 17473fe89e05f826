// The account and its SSH keys in the simulated DigitalOcean.
#include "tests/fakes/cloud_keys.h"
#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

/// By id or fingerprint.
Json& key_named(World& world, const std::string& name) {
  if (Json* found = world.find("ssh_keys", name)) return *found;
  Json* found = world.find_by("ssh_keys", "fingerprint", name);
  if (found == nullptr) fail_missing();
  return *found;
}

Answer create_key(World& world, const Call& call) {
  Json body = accepted(
      call.body,
      {{"id", "integer"}, {"fingerprint", "string"}, {"public_key!", "string 1.."}, {"name!", "string 1..255"}});
  const auto fingerprint = cloud::key_fingerprint(body["public_key"]);
  if (!fingerprint) fail_input("Key invalid, key should be of the format `ssh-rsa AAAA...`");
  body["fingerprint"] = *fingerprint;
  if (world.find_by("ssh_keys", "fingerprint", body["fingerprint"]) != nullptr) {
    fail_input("SSH Key is already in use on your account");
  }
  body["id"] = world.next_id();
  return {201, wrapped(world, "ssh_keys", world.add("ssh_keys", body))};
}

Answer update_key(World& world, const Call& call) {
  Json& key = key_named(world, call.path[0]);
  key.update(accepted(call.body, {{"name", "string 1..255"}}));
  return {200, wrapped(world, "ssh_keys", key)};
}

Answer account(World& world, const Call&) {
  const auto limit = [&](const char* kind) {
    const auto found = world.options.limits.find(kind);
    return found == world.options.limits.end() ? std::size_t{1000} : found->second;
  };
  return {200,
          {{"account",
            {{"droplet_limit", limit("droplets")},
             {"floating_ip_limit", limit("reserved_ips")},
             {"email", "sammy@example.com"},
             {"name", "Sammy the Shark"},
             {"uuid", "b6fr89dbf6d9156cace5f3c78dc9851d957381ef"},
             {"email_verified", true},
             {"status", "active"},
             {"status_message", ""},
             {"team", {{"uuid", "5df3e3004a17e242b7c20ca6c9fc25b701a47ece"}, {"name", "My Team"}}}}}}};
}

}  // namespace

void add_account_routes(Routes& routes) {
  routes.push_back({"GET", "/account", account});
  routes.push_back({"GET", "/account/keys", [](World& world, const Call& call) {
                      return list_answer(world, call, "ssh_keys", world.listed("ssh_keys"));
                    }});
  routes.push_back({"POST", "/account/keys", create_key});
  routes.push_back({"GET", "/account/keys/{}", [](World& world, const Call& call) {
                      return Answer{200, wrapped(world, "ssh_keys", key_named(world, call.path[0]))};
                    }});
  routes.push_back({"PUT", "/account/keys/{}", update_key});
  routes.push_back({"DELETE", "/account/keys/{}", [](World& world, const Call& call) {
                      world.destroy("ssh_keys", key_of(key_named(world, call.path[0])));
                      return Answer{204};
                    }});
}

}  // namespace skep::testing::digitalocean
