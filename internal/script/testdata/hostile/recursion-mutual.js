// expect: depth
const a = () => b(), b = () => a(); a()
