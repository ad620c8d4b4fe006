// expect: throws
new FinalizationRegistry(() => {})
