/** What `preset: 'dynafile/jest'` stands for in a Jest configuration. */
const preset: { readonly testEnvironment: string } = { testEnvironment: 'dynafile/jest' }

export default preset
