import { createContext, useContext } from 'react';
import { createColourBook, type ColourBook } from '#lib/panels/series-colours.ts';

const ColourBookContext = createContext<ColourBook>(createColourBook());
/** One book per board, so that a series has one colour on all its panels. */
export const ColourBookProvider = ColourBookContext.Provider;

export const useColourBook = (): ColourBook => useContext(ColourBookContext);
