//go:build tools

// Package tools pins the Node.js language host. It is a module of its own because its
// dependencies clash with the CLI's.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
