// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

// system is an operating system; an empty version is left out, as on Linux.
func system(name, version string) Optional[OS] {
	if version == "" {
		return Some(OS{Name: Some(name)})
	}
	return Some(OS{Name: Some(name), Version: Some(version)})
}

func device(kind, name, longVersion, version string, os Optional[OS]) Optional[Device] {
	return Some(Device{
		Type: Some(kind), Name: Some(name), LongVersion: Some(longVersion), Version: Some(version), OS: os,
	})
}

// syntheticDevice goes through every shape of device.
func syntheticDevice(i int) Optional[Device] {
	switch i % 17 {
	case 0:
		return device("", "Safari", "16.4", "16.4", system("Mac OS", "10.15.7"))
	case 1:
		return device("browser", "Firefox", "112.0", "112.0", system("Windows", "10"))
	case 2:
		return device("browser", "Chrome", "124.0.0.0", "124.0.0", system("Linux", ""))
	case 3:
		return device("mobile", "Chrome", "112.0.0.0", "112.0.0", system("Android", "10"))
	case 4:
		return device("tablet", "Mobile Safari", "15.6", "15.6", system("iOS", "15.6.1"))
	case 5:
		return device("mobile-app", "RC Mobile", "4.38.0 40123", "4.38.0", system("ios", "16.4"))
	case 6:
		return device("desktop-app", "Rocket.Chat", "3.9.5", "3.9.5", system("Linux", ""))
	case 7:
		return device("other", "", "", "", None[OS]())
	case 8:
		return device("other", "", "", "", Some(OS{Name: Some(""), Version: Some("")}))
	case 9:
		return NullOf[Device]()
	case 10:
		return None[Device]()
	case 11:
		return device("browser", "Chrome", "113.0.0.0", "113.0.0", system("Windows", "7"))
	case 12:
		return device("browser", "Edge", "113.0.1774.42", "113.0.1774", NullOf[OS]())
	case 13:
		return Some(Device{Name: Some("curl"), Type: NullOf[string]()})
	case 14:
		return device("browser", "Chrome", "113.0.0.0", "113.0.0", None[OS]())
	default:
		return device("browser", "Chrome", "113.0.0.0", "113.0.0", system("Windows", "10"))
	}
}
