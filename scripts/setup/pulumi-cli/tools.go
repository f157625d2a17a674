//go:build tools

// Package tools keeps the Pulumi CLI among this module's requirements, so that go.sum pins all of it.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
