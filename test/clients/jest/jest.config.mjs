/** As a project's own. There is nothing to translate: the package above this folder is made of ES modules, its tests are not. */
export default { preset: 'dynafile/jest', testMatch: ['**/*.spec.cjs'], transform: {} }
