// Package vfstest is the one suite that every file system has to pass. Start at Run.
package vfstest
