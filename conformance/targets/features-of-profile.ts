import type { Profile } from '../../reference/profile.ts';
import { type Feature, FEATURES } from './target.ts';

/** Features that need a setting which not every kernel has. */
const NEEDED_SETTINGS: readonly (readonly [Feature, string])[] = [['run-estimation', 'vs.run_estimation']];

/** The features that a director with these choices can have. */
export function featuresOfProfile({ id, missingSettings }: Profile): ReadonlySet<Feature> {
  const features = new Set(Object.keys(FEATURES) as Feature[]);
  // Those are the business of a program beside the director.
  features.delete('health-checks');
  if (id === 'paper') features.delete('kernel-choices');
  for (const [feature, setting] of NEEDED_SETTINGS) if (missingSettings.includes(setting)) features.delete(feature);
  return features;
}
