module github.com/terraform-rocketchat/terraform-provider-rocketchat/tools/mutate

go 1.26
