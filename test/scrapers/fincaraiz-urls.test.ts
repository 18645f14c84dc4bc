import {describe, expect, it} from 'vitest';
import {
  listingIdIn,
  pageNumberIn,
  searchOf,
  searchPageUrl,
  shortenPath,
} from '../../scrapers/fincaraiz-urls.ts';

describe('listing addresses', () => {
  it.each([
    ['/casa-en-venta-en-la-calleja-tunja/191480058', '/casa-en-venta/191480058', '191480058'],
    ['/casa-lote-en-venta-en-tunja/10212344', '/casa-lote-en-venta/10212344', '10212344'],
    ['/apartaestudio-en-arriendo-en-cali/193349683', '/apartaestudio-en-arriendo/193349683', '193349683'],
    ['/apartamento-en-venta-en-la-campiña-bogota/190000001', '/apartamento-en-venta/190000001', '190000001'],
    ['/casa-de-juan-perez-en-venta-en-tunja/191480058', '/inmueble-en-venta/191480058', '191480058'],
    ['/proyectos-vivienda/torre-ejemplo/190000003', '/proyectos-vivienda/proyecto/190000003', '190000003'],
    ['/inmueble/casa-en-venta/santa-ines/tunja/7705589', '/inmueble/7705589', '7705589'],
    ['/casa-en-venta/medellin/belen-det-3986653.aspx', '/inmueble-det-3986653.aspx', '3986653'],
  ])('%s', (path, short, id) => {
    expect(shortenPath(path)).toBe(short);
    expect(shortenPath(short), 'twice').toBe(short);
    expect(listingIdIn(`https://www.fincaraiz.com.co${path}?x=1`)).toBe(id);
    expect(listingIdIn(short)).toBe(id);
  });

  it.each([
    '/venta/casas/tunja/boyaca',
    '/venta/casas/tunja/boyaca/pagina2',
    '/arriendo/apartamentos/el-poblado/suroriente/medellin',
    '/',
  ])('%s is the portal’s own', path => {
    expect(shortenPath(path)).toBe(path);
    expect(listingIdIn(path)).toBeUndefined();
  });

  it('takes names out of agency addresses and knows no other path', () => {
    expect(shortenPath('/inmobiliarias/174554415-juan perez/propiedades')).toBe('/inmobiliarias/174554415');
    expect(shortenPath('/blog/juan-perez')).toBeUndefined();
  });
});

describe('search pages', () => {
  it('counts from 1, which has no suffix', () => {
    const url = 'https://www.fincaraiz.com.co/venta/casas/tunja/boyaca';
    expect(searchPageUrl(url, 2)).toBe(`${url}/pagina2`);
    expect(searchPageUrl(`${url}/pagina2`, 3)).toBe(`${url}/pagina3`);
    expect(searchPageUrl(`${url}/pagina2`, 1)).toBe(url);
    expect([pageNumberIn(url), pageNumberIn(`${url}/pagina12`)]).toEqual([1, 12]);
  });

  it.each([
    ['/venta/casas/medellin/antioquia', 'sale', 'house'],
    ['/arriendo/casas-campestres/medellin/antioquia/pagina12?x=1', 'rent', 'country_house'],
  ])('%s tells operation and type', (path, operation, propertyType) => {
    expect(searchOf(`https://www.fincaraiz.com.co${path}`)).toEqual({operation, propertyType});
  });

  it.each(['/venta/casas-y-lotes/medellin/antioquia', '/venta', '/casa-en-venta/191480058', '/blog/casas/x'])(
    '%s does not',
    path => expect(searchOf(`https://www.fincaraiz.com.co${path}`)).toBeUndefined(),
  );
});
