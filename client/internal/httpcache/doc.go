// Package httpcache keeps the bodies of answers together with their ETags, up to a number of bytes.
//
// Start at Cache. It decides only what to forget: the entry that was not used for the longest time. Whether an entry still
// holds is for the server to say, which is asked each time with If-None-Match. It knows nothing of requests.
package httpcache
