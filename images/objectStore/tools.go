//go:build tools

// Package tools keeps versitygw among this module's requirements, so that go.sum pins all of it.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
