// What the simulated DigitalOcean accepts: bodies, names. Private to the simulation.
#pragma once

#include <string>
#include <vector>

#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

/// The body without members that are null, once it has the form; else fails with `status` and all that is wrong.
/// A form is written by example: an object has these members and no others ("name!" must be there, "tags?" may be null,
/// "*" stands for any name), an array holds any number of its one element, and a text says what a value is: a type
/// (string, integer, number, boolean; several with "|"), then, as far as it is limited, "1..255" (its length or value),
/// "in=tcp|udp" or, last, "like=" and a regular expression.
Json accepted(const Json& body, const Json& form, int status = 422);

/// 422 with what a name of that kind must look like.
void check_host_name(const std::string& name);

/// The form of the same words for every kind that has them.
Json backup_policy_form();

std::string text_of(const Json& value);  // an id as text, whether it was one or a number
bool is_number(const std::string& text);

}  // namespace skep::testing::digitalocean
