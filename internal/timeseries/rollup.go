package timeseries

const rollupFields = 6
