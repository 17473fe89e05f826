// Lists, pages and single objects of the simulated DigitalOcean.
#include <fmt/format.h>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

std::int64_t number_in(const Call& call, const std::string& name, std::int64_t usual, std::int64_t most) {
  const auto number = cloud::number_of(call, name, usual, most);
  if (!number) fail_input(fmt::format("{} must be between 1 and {}", name, most));
  return *number;
}

/// Absolute, and without a host of ours.
std::string link(const World& world, const Call& call, std::int64_t page) {
  std::string query;
  for (const auto& [name, value] : call.query) {
    if (name != "page") query += fmt::format("&{}={}", name, value);
  }
  return fmt::format("{}{}?page={}{}", world.options.public_url, call.asked, page, query);
}

}  // namespace

Answer list_answer(const World& world, const Call& call, const std::string& key, std::vector<Json> objects) {
  const std::int64_t size = number_in(call, "per_page", 20, 200);
  const std::int64_t number = number_in(call, "page", 1, 1'000'000'000);
  cloud::Page page = cloud::page_of(std::move(objects), number, size);
  Json pages = Json::object();
  if (number > 1) {
    pages["first"] = link(world, call, 1);
    pages["prev"] = link(world, call, std::min(number - 1, page.last));
  }
  if (number < page.last) {
    pages["next"] = link(world, call, number + 1);
    pages["last"] = link(world, call, page.last);
  }
  Json links = Json::object();
  if (!pages.empty()) links["pages"] = pages;
  return {200, {{key, std::move(page.objects)}, {"links", links}, {"meta", {{"total", page.total}}}}};
}

void add_reading_route(Routes& routes, const std::string& kind) {
  routes.push_back({"GET", "/" + kind + "/{}", [kind](World& world, const Call& call) {
                      return Answer{200, wrapped(world, kind, world.get(kind, call.path[0]))};
                    }});
}

void add_list_route(Routes& routes, const std::string& kind) {
  routes.push_back({"GET", "/" + kind, [kind](World& world, const Call& call) {
                      return list_answer(world, call, kind, world.listed(kind));
                    }});
}

void add_destroy_route(Routes& routes, const std::string& kind) {
  routes.push_back({"DELETE", "/" + kind + "/{}", [kind](World& world, const Call& call) {
                      world.destroy(kind, key_of(world.get(kind, call.path[0])));
                      return Answer{204};
                    }});
}

void add_thing_action_routes(Routes& routes, const std::string& kind) {
  routes.push_back({"GET", "/" + kind + "/{}/actions", [kind](World& world, const Call& call) {
                      const std::string key = key_of(world.get(kind, call.path[0]));
                      return list_answer(world, call, "actions", world.actions_of(kind + "/" + key));
                    }});
  routes.push_back({"GET", "/" + kind + "/{}/actions/{}", [kind](World& world, const Call& call) {
                      world.get(kind, call.path[0]);
                      return Answer{200, {{"action", world.action(call.path[1])}}};
                    }});
}

}  // namespace skep::testing::digitalocean
