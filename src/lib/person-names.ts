/**
 * Common given names and surnames of Colombia, without accents, written by us for recognising people in advert text.
 * Not complete: rules that don't need a list (capital letters after contact words) stand beside it.
 */
export const GIVEN_NAMES = words(`
abel adolfo adrian adriana agustin aida alba alberto alejandra alejandro alex alexander alexandra alfonso alfredo alicia
alirio alonso alvaro amanda amparo ana anderson andrea andres angel angela angelica angie anibal antonia antonio ariel
arley armando arturo astrid augusto aura aurora beatriz bernardo bertha betty blanca brayan camila camilo carlos carmen
carolina catalina cecilia cesar claudia clara clemencia consuelo cristian cristina cristobal dagoberto daniel daniela
dario david diana didier diego dolores dora doris duvan edgar edilma edison eduardo edwin efrain elena eliana elias
elizabeth elkin elsa elvira emilio emma enrique erika ernesto esperanza esteban estela esther eugenia eugenio eva fabian
fabio fabiola federico felipe felix fernanda fernando flor francisco freddy fredy gabriel gabriela genoveva gerardo
german gilberto gildardo gina giovanni gladys gloria gonzalo graciela gregorio guillermo gustavo hector helena henry
heriberto hernan hernando hilda hugo humberto ignacio ines ingrid irene isabel isabela ismael ivan ivonne jacqueline
jaime jairo janeth javier jeison jennifer jenny jesica jessica jesus jhon joaquin johan johana johanna john jonathan
jorge jose juan juana juanita juliana julian julieta julio karen karina katherine kelly kevin laura leandro leidy leonardo leonel
leonor leticia libardo libia lida lilia liliana lina lorena luis luisa lucero lucia lucila luz magdalena manuel manuela
marcela marco marcos margarita maria mariana maribel maricela mariela marina mario maritza marleny marlon marta martha
martin mateo matilde mauricio maximiliano mayra melissa mercedes miguel milena miriam monica myriam nancy natalia nely nelly
nelson nestor nicolas nidia nora norma octavio olga omar orlando oscar pablo paola patricia paula paulina pedro pilar
rafael ramiro ramon raquel raul rebeca ricardo rigoberto roberto rocio rodolfo rodrigo rogelio rosa rosalba rosario
ruben ruth samuel sandra santiago sara saul sebastian sergio silvia simon socorro sofia soledad sonia stella susana
tatiana tomas tulio valentina valeria vanessa veronica vicente victor victoria viviana wilfredo william wilmar wilson
ximena yaneth yamile yasmin yenny yesenia yesica yolanda yuliana yurani zoraida
`);

export const SURNAMES = words(`
acevedo acosta agudelo aguilar aguirre alarcon alvarez alzate amaya angulo arango araujo arbelaez arboleda arcila ardila
arenas arias aristizabal arredondo arroyave arroyo avila ayala baena ballesteros barrera barreto barrientos barrios
becerra bedoya bejarano beltran benavides benitez bermudez bernal berrio betancourt betancur blanco bohorquez bonilla
botero bravo buitrago builes bustamante caballero cabrera cadavid caicedo calderon camacho camargo cano cardenas cardona
cardozo carmona carrillo carvajal casas castano castaneda castellanos castillo castrillon castro ceballos cespedes
chavarria chaves chavez cifuentes colorado contreras cordoba correa cortes cruz cuellar cuervo cuesta davila delgado diaz
diez dominguez duarte duque echavarria echeverri escobar escudero espinosa espinal estrada fernandez figueroa flores
florez fonseca forero franco fuentes galeano galindo gallego gallo galvis gamboa garay garces garcia garzon gaviria gil giraldo
gomez gonzales gonzalez granada grajales granados guerra guerrero guevara gutierrez guzman henao heredia hernandez
herrera hincapie holguin hoyos hurtado ibarra isaza jaramillo jimenez juarez laverde leal leon linares londono lopera
lopez lozano lujan luna macias madrid maldonado marin marquez martinez marulanda mazo medina mejia mendez mendoza mesa
miranda molina moncada monsalve montes montoya mora morales moreno mosquera munera munoz murillo naranjo navarro
nieto nino noguera noreña norena ochoa ocampo olarte orozco orrego ortega ortiz osorio osorno ospina otalvaro pabon
padilla paez palacio palacios pardo parra pedraza pelaez pena penagos perez pineda pinto pinzon piedrahita polo porras
posada prada prieto puerta pulgarin quiceno quintana quintero quiroga quiros ramirez ramos rendon restrepo rey reyes
rico rincon rios rivas rivera rivillas roa robledo rodas rodriguez rojas roldan roman romero rua rubio ruiz ruda saavedra
salas salazar salcedo saldarriaga salgado salinas sanabria sanchez sandoval sanmiguel santamaria santana santos
sarmiento sepulveda serna serrano sierra silva soler solano solarte soto sosa suarez suaza taborda tamayo tangarife
tobon toro torres trejos triana trujillo upegui urrea uribe usuga valbuena valderrama valdes valencia valenzuela vallejo vanegas
varela vargas vasquez vega velandia velasco velasquez velez vera vergara vidal villa villada villamil villamizar villegas
virguez yepes zabala zambrano zamudio zapata zarate zuleta zuluaga zuniga
`);

/** Given names that are as often an ordinary word or a place: a name only when another name follows. */
export const DOUBTFUL_GIVEN_NAMES = words(`
alba angel aurora blanca carmen clara cruz dolores elena emilio esperanza flor gloria ines jesus leon lucia luz magdalena
margarita marina mercedes pilar rosa rosario santiago simon socorro soledad sofia victoria
`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
