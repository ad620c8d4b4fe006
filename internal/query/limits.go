package query

// sortedIDsMax bounds how many ids are held in memory to yield them in descending order: about 64 MiB with ids of 40 bytes.
const sortedIDsMax = 1 << 20
