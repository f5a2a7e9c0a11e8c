# Names the rules that passed, because conftest only counts them. For conftest.sh; without
# "--namespace passed", conftest does not evaluate it.
package passed

import data.main

rules := {
	"deny_settings": main.deny_settings,
	"deny_plan": main.deny_plan,
	"deny_idle_sessions": main.deny_idle_sessions,
	"deny_outside_networks": main.deny_outside_networks,
	"deny_unsupported_systems": main.deny_unsupported_systems,
	"deny_service_accounts": main.deny_service_accounts,
	"deny_deleted_users": main.deny_deleted_users,
}

warn contains name if {
	count(rules.deny_settings) == 0
	count(rules.deny_plan) == 0
	some name, results in rules
	count(results) == 0
}
